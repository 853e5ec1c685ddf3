package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/userdata"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// portMaps are the rules that lead ports of the host to pods, in the one table that is
// ours. None of them names a pod: they look ports up in maps, and a pod's ports are
// elements there. So it takes one small transaction to publish a port, and one to take
// it back, and no elements but the pod's own are touched.
type portMaps struct {
	conn   *nftables.Conn
	socket *netlink.Conn // that of conn
	table  *nftables.Table
}

// portsVersion is in the comment of each rule. It changes with the rules: another
// podtui's are replaced.
const portsVersion = "podtui ports 2"

// openPortMaps connects with the kernel's rules.
func openPortMaps(ctx context.Context) (*portMaps, error) {
	deadline, has := ctx.Deadline()
	if !has {
		deadline = time.Now().Add(time.Minute) // the kernel answers at once; should an answer be lost, the library waits for it
	}
	var socket *netlink.Conn
	conn, err := nftables.New(nftables.AsLasting(), nftables.WithSockOptions(func(c *netlink.Conn) error {
		socket = c
		return errors.Join(c.SetDeadline(deadline), c.SetWriteBuffer(maxChange))
	}))
	if err != nil {
		return nil, fmt.Errorf("nf_tables: %w", err)
	}
	return &portMaps{conn: conn, socket: socket, table: table()}, nil
}

func (m *portMaps) close() { _ = m.conn.CloseLasting() }

// there tells whether all the rules are. Then the maps are as well: the kernel keeps
// what a rule uses.
func (m *portMaps) there() (bool, error) {
	for _, chain := range m.chains() {
		rules, err := m.conn.GetRules(m.table, chain.Chain)
		if err != nil {
			return false, fmt.Errorf("rules of ports: %w", err)
		}
		if newer(rules, portsVersion) {
			continue
		}
		if len(rules) != len(chain.rules) {
			return false, nil
		}
		for _, rule := range rules {
			if comment, _ := userdata.GetString(rule.UserData, userdata.TypeComment); comment != portsVersion {
				return false, nil
			}
		}
	}
	return true, nil
}

// lay adds what is missing of the rules and maps. It empties our chains and fills them
// in one transaction, so that two who do it at once don't have each rule twice, and no
// packet sees them empty.
func (m *portMaps) lay() error {
	there, err := m.setsThere()
	if err != nil {
		return err
	}
	m.conn.AddTable(m.table)
	for _, family := range families() {
		for _, set := range m.sets(family) {
			if there[set.Name] {
				continue
			}
			if err := m.conn.AddSet(set, nil); err != nil {
				return err
			}
		}
	}
	for _, chain := range m.chains() {
		m.conn.AddChain(chain.Chain)
		m.conn.FlushChain(chain.Chain)
		for _, rule := range chain.rules {
			m.conn.AddRule(&nftables.Rule{
				Table: m.table, Chain: chain.Chain, Exprs: rule,
				UserData: userdata.AppendString(nil, userdata.TypeComment, portsVersion),
			})
		}
	}
	return m.conn.Flush()
}

// setsThere are the names of the maps that there are. One that nft has loaded from a
// file is not quite made as we do, and can't be added once more.
func (m *portMaps) setsThere() (map[string]bool, error) {
	if there, err := m.exists(); err != nil || !there {
		return nil, err
	}
	sets, err := m.conn.GetSets(m.table)
	if err != nil {
		return nil, fmt.Errorf("maps of ports: %w", err)
	}
	names := map[string]bool{}
	for _, set := range sets {
		names[set.Name] = true
	}
	return names, nil
}

// change removes elements and adds others, in one transaction. What is to be removed is
// added first: that does nothing where it is still there as it was found, and fails
// where somebody has made it lead elsewhere since then; so nobody removes what isn't
// what they have seen.
func (m *portMaps) change(remove, add []element) error {
	for _, step := range []struct {
		elements []element
		send     func(*nftables.Set, []nftables.SetElement) error
	}{{remove, m.conn.SetAddElements}, {remove, m.remove}, {add, m.conn.SetAddElements}} {
		if err := inParts(step.elements, step.send); err != nil {
			return err
		}
	}
	return m.conn.Flush()
}

func (m *portMaps) remove(set *nftables.Set, elements []nftables.SetElement) error {
	keys := make([]nftables.SetElement, len(elements))
	for i, e := range elements {
		keys[i] = nftables.SetElement{Key: e.Key, KeyEnd: e.KeyEnd}
	}
	return m.conn.SetDeleteElements(set, keys)
}

const (
	maxChange  = 32 << 20 // bytes of a transaction: what every port of the host takes, on both families, thrice
	perMessage = 256      // elements: a list in a message is at most 64 KiB long
)

// inParts sends elements by set, as many at once as a message can hold.
func inParts(elements []element, send func(*nftables.Set, []nftables.SetElement) error) error {
	var part []nftables.SetElement
	for i, e := range elements {
		part = append(part, e.SetElement)
		if i+1 < len(elements) && elements[i+1].set.Name == e.set.Name && len(part) < perMessage {
			continue
		}
		if err := send(e.set, part); err != nil {
			return err
		}
		part = nil
	}
	return nil
}

// again tells whether a transaction failed for what others did at the same time, or
// for what was found missing or left over, and is worth another look.
func again(err error) bool {
	for _, errno := range []error{unix.EEXIST, unix.ENOENT, unix.EBUSY, unix.EAGAIN, unix.EINTR, unix.ENOTEMPTY} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
