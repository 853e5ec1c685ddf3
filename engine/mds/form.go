package mds

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxForm bounds what is posted.
const maxForm = 256 << 10

// form is what was posted, without fields that no endpoint knows.
type form map[string][]byte

// readForm reads what a client posts.
func readForm(r request, in io.Reader, out io.Writer) (form, error) {
	const want = "application/x-www-form-urlencoded"
	is, _, _ := strings.Cut(r.contentType, ";")
	switch {
	case !strings.EqualFold(strings.TrimSpace(is), want):
		return nil, &refusal{status: 415, message: "post a form of the type " + want}
	case r.pieces:
		return nil, &refusal{status: 411, message: "tell the form's length"}
	case r.length > maxForm:
		return nil, &refusal{status: 413, message: fmt.Sprintf("the form is larger than %d bytes", maxForm)}
	}
	if r.patient {
		if err := goOn(out); err != nil {
			return nil, err
		}
	}
	body := make([]byte, r.length)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, &refusal{status: 400, message: "the form did not come to its end"}
	}
	f, err := parseForm(body)
	if err != nil {
		return nil, &refusal{status: 400, message: err.Error()}
	}
	return f, nil
}

// parseForm takes a form apart. The fields are in body, which is overwritten.
func parseForm(body []byte) (form, error) {
	f := make(form)
	for len(body) > 0 {
		var field []byte
		field, body, _ = bytes.Cut(body, []byte("&"))
		if len(field) == 0 {
			continue
		}
		name, value, _ := bytes.Cut(field, []byte("="))
		name, err := unescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = unescape(value); err != nil {
			return nil, err
		}
		switch known := string(name); known {
		case fieldContent, fieldUUID, fieldSignature:
			if _, twice := f[known]; twice {
				return nil, fmt.Errorf("the form has the field %s twice", known)
			}
			f[known] = value
		}
	}
	return f, nil
}

// unescape decodes in place.
func unescape(s []byte) ([]byte, error) {
	to := s[:0]
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			to = append(to, ' ')
		case '%':
			if i+2 >= len(s) {
				return nil, errors.New("the form ends in the middle of an escape")
			}
			high, ok := digit(s[i+1])
			low, ok2 := digit(s[i+2])
			if !ok || !ok2 {
				return nil, errors.New("the form has a % without two hexadecimal digits behind it")
			}
			to = append(to, high<<4|low)
			i += 2
		default:
			to = append(to, c)
		}
	}
	return to, nil
}

func digit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
