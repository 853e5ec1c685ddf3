package nettest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// patience is how long a packet may take, on a machine that is busy with much else.
// Nothing waits so long but what fails.
const patience = 20 * time.Second

// Echo answers on an address ("tcp" or "udp", "HOST:PORT") in the namespace until
// the test ends: with a line that tells whom it takes the client for, and what that
// said. It returns where it listens.
func (n *Namespace) Echo(network, address string) netip.AddrPort {
	n.tb.Helper()
	var where net.Addr
	var err error
	n.Do(func() {
		if strings.HasPrefix(network, "udp") {
			where, err = n.echoUDP(network, address)
		} else {
			where, err = n.echoTCP(network, address)
		}
	})
	if err != nil {
		n.tb.Fatalf("%s: %v", n.name, err)
	}
	return netip.MustParseAddrPort(where.String())
}

func (n *Namespace) echoTCP(network, address string) (net.Addr, error) {
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	var answering sync.WaitGroup
	answering.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			answering.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(patience))
				fmt.Fprintln(conn, conn.RemoteAddr())
				_, _ = io.Copy(conn, conn)
			})
		}
	})
	n.tb.Cleanup(func() { listener.Close(); answering.Wait() })
	return listener.Addr(), nil
}

func (n *Namespace) echoUDP(network, address string) (net.Addr, error) {
	conn, err := net.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	var answering sync.WaitGroup
	answering.Go(func() {
		said := make([]byte, 1<<16)
		for {
			length, from, err := conn.ReadFrom(said)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(fmt.Appendf(nil, "%s\n%s", from, said[:length]), from)
		}
	})
	n.tb.Cleanup(func() { conn.Close(); answering.Wait() })
	return conn.LocalAddr(), nil
}

// Ask says a word to an Echo from within the namespace, and returns whom that took
// it for. An answer that isn't its word is an error.
func (n *Namespace) Ask(network, address string) (as netip.AddrPort, err error) {
	n.tb.Helper()
	n.Do(func() { as, err = ask(network, address) })
	return as, err
}

func ask(network, address string) (netip.AddrPort, error) {
	// No names, and no second thread: a dialer that waits for neither dials here.
	conn, err := (&net.Dialer{Timeout: patience}).Dial(network, address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		return netip.AddrPort{}, err
	}
	answer := bufio.NewReader(conn)
	as, err := answer.ReadString('\n')
	if err != nil {
		return netip.AddrPort{}, err
	}
	if word, err := answer.ReadString('\n'); err != nil || word != "hello\n" {
		return netip.AddrPort{}, fmt.Errorf("%s answered %q (%w)", address, word, err)
	}
	return netip.ParseAddrPort(strings.TrimSpace(as))
}
