package mds

import (
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// door is a listener with room for so many. When it is full, a new one takes the
// place of the one that was served the longest ago: who connects and says
// nothing, or asks for nothing sensible, keeps nobody out.
type door struct {
	*net.TCPListener
	first net.Conn // was accepted already

	mu     sync.Mutex
	guests []*guest // who was served the longest ago is first
}

// guest is a connection that is in.
type guest struct {
	*net.TCPConn
	door *door
}

// Accept waits for the next connection. An error says that the door is closed.
func (d *door) Accept() (net.Conn, error) {
	if first := d.first; first != nil {
		d.first = nil
		return first, nil
	}
	for {
		conn, err := d.AcceptTCP()
		if err == nil {
			return d.enter(conn), nil
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		time.Sleep(100 * time.Millisecond) // no descriptor is left, say: it waits, and we don't spin
	}
}

func (d *door) enter(conn *net.TCPConn) *guest {
	g := &guest{conn, d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.guests) == maxConns {
		d.guests[0].TCPConn.Close() // who works on it sees that, and goes
		d.guests = slices.Delete(d.guests, 0, 1)
	}
	d.guests = append(d.guests, g)
	return g
}

// served notes that a connection was of use.
func (d *door) served(g *guest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.guests, g); i >= 0 {
		d.guests = append(slices.Delete(d.guests, i, i+1), g)
	}
}

// Close ends the connection.
func (g *guest) Close() error {
	g.door.mu.Lock()
	g.door.guests = slices.DeleteFunc(g.door.guests, func(other *guest) bool { return other == g })
	g.door.mu.Unlock()
	return g.TCPConn.Close()
}

// close shuts the door, and all that are in out.
func (d *door) close() {
	_ = d.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.guests {
		g.TCPConn.Close()
	}
	d.guests = nil
}
