package imageref

import "strings"

const (
	hashPrefix = "sha512-"
	minDigits  = 2
	maxDigits  = 128
)

// looksLikeHash takes every sha512- with nothing but hex digits after it: a
// digit too few or too many is a slip of a hash, not an image's name.
func looksLikeHash(s string) bool {
	digits, ok := strings.CutPrefix(s, hashPrefix)
	return ok && allHex(digits)
}

func parseHash(s string) (string, error) {
	digits := strings.ToLower(strings.TrimPrefix(s, hashPrefix))
	if len(digits) < minDigits || len(digits) > maxDigits {
		return "", fail(s, "%d hex digits after %s; a hash or a prefix of one has %d to %d",
			len(digits), hashPrefix, minDigits, maxDigits)
	}
	return digits, nil
}

func allHex(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20 // lower case, for letters
		if (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
