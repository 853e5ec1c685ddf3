package main

import "bytes"

const escape = 0x1b

// plainText takes the escape sequences out of what a program sends to a
// terminal. Where the cursor moved, texts are joined.
func plainText(raw []byte) string {
	var text bytes.Buffer
	for len(raw) > 0 {
		if raw[0] != escape {
			text.WriteByte(raw[0])
			raw = raw[1:]
			continue
		}
		raw = raw[sequence(raw):]
	}
	return text.String()
}

// sequence returns the length of the escape sequence that the text begins with.
func sequence(raw []byte) int {
	if len(raw) < 2 {
		return len(raw)
	}
	switch raw[1] {
	case '[': // parameters, and a letter or one like it
		for i := 2; i < len(raw); i++ {
			if raw[i] >= 0x40 && raw[i] <= 0x7e {
				return i + 1
			}
		}
		return len(raw)
	case ']', 'P', '_', '^': // a text, to its end
		for i := 2; i < len(raw); i++ {
			if raw[i] == 0x07 {
				return i + 1
			}
			if raw[i] == escape && i+1 < len(raw) && raw[i+1] == '\\' {
				return i + 2
			}
		}
		return len(raw)
	case '(', ')': // a character set
		return min(3, len(raw))
	default:
		return 2
	}
}
