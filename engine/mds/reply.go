package mds

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// The content types of ace.md, to the letter: clients compare them.
const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=us-ascii"
)

// answer is what an endpoint says.
type answer struct {
	contentType string
	body        []byte
}

// refusal is an error that a client is told.
type refusal struct {
	status  int
	message string
	allow   string // the method that would do
}

func (r *refusal) Error() string { return r.message }

var errNotFound = &refusal{status: 404, message: "there is nothing here"}

// reply sends an answer, or why there is none. Who has gone needs neither.
func reply(conn net.Conn, withBody bool, a answer, err error) {
	status, more := 200, ""
	if err != nil {
		told := &refusal{status: 500, message: "podtui can't read what was asked for"}
		_ = errors.As(err, &told)
		a, status = answer{typeText, []byte(told.message + "\n")}, told.status
		if told.allow != "" {
			more = "Allow: " + told.allow + "\r\n"
		}
	}
	const date = "Mon, 02 Jan 2006 15:04:05 GMT"
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n",
		status, reason(status), time.Now().UTC().Format(date), a.contentType, len(a.body), more)
	message := net.Buffers{[]byte(head)}
	if withBody {
		message = append(message, a.body)
	}
	_, _ = message.WriteTo(conn)
}

// goOn tells a client that waits for it to send the body.
func goOn(to io.Writer) error {
	_, err := io.WriteString(to, "HTTP/1.1 100 Continue\r\n\r\n")
	return err
}

func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 411:
		return "Length Required"
	case 413:
		return "Content Too Large"
	case 415:
		return "Unsupported Media Type"
	case 431:
		return "Request Header Fields Too Large"
	case 500:
		return "Internal Server Error"
	case 505:
		return "HTTP Version Not Supported"
	}
	return "Bad Request"
}
