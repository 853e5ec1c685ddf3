package network

import (
	"bytes"
	"fmt"
	"os"
)

// The switches of the host without which nothing gets beyond it. They are never put
// back: others may count on them by then.
const (
	forwarding4 = "/proc/sys/net/ipv4/ip_forward"
	forwarding6 = "/proc/sys/net/ipv6/conf/all/forwarding"
)

// forward has the host pass packets on, and says so where it didn't.
func forward(o own, say func(string)) error {
	if err := turnOn(forwarding4, "net.ipv4.ip_forward was off and is on now: the host passes packets on, for pods with networks of their own", say); err != nil {
		return err
	}
	if !o.Subnet6.IsValid() {
		return nil
	}
	return turnOn(forwarding6, "net.ipv6.conf.all.forwarding was off and is on now; so the host takes no router advertisements any more, but on links whose accept_ra is 2", say)
}

func turnOn(setting, said string, say func(string)) error {
	value, err := os.ReadFile(setting)
	if err == nil && !bytes.Equal(bytes.TrimSpace(value), []byte("0")) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(setting, []byte("1"), 0)
	}
	if err != nil {
		return fmt.Errorf("the host has to pass packets on: %w", err)
	}
	if say != nil {
		say(said)
	}
	return nil
}
