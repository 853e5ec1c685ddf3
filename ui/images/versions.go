package images

import (
	"cmp"
	"slices"
	"strings"
)

// newestFirst puts the tags of a repository in the order in which somebody looks
// for one: "latest", versions from the newest on, and all others. Registries have
// no order, or that of letters, where 1.9 comes after 1.10.
func newestFirst(pages ...[]string) []string {
	tags := slices.Concat(pages...)
	slices.SortStableFunc(tags, func(a, b string) int {
		return cmp.Or(cmp.Compare(tagRank(a), tagRank(b)), compareVersions(bareVersion(b), bareVersion(a)), strings.Compare(a, b))
	})
	return tags
}

func tagRank(tag string) int {
	bare := bareVersion(tag)
	switch {
	case tag == "latest":
		return 0
	case bare != "" && digit(bare[0]):
		return 1
	}
	return 2
}

// bareVersion is a version without the "v" that some write before it.
func bareVersion(tag string) string {
	if len(tag) > 1 && tag[0] == 'v' && digit(tag[1]) {
		return tag[1:]
	}
	return tag
}

// compareVersions compares digits as numbers: 2.10 is after 2.9.
func compareVersions(a, b string) int {
	for a != "" && b != "" {
		x, restA := chunk(a)
		y, restB := chunk(b)
		if c := compareChunks(x, y); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func compareChunks(x, y string) int {
	if digit(x[0]) && digit(y[0]) {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	}
	return cmp.Compare(x, y)
}

// chunk splits off the leading digits, without leading zeros, or the leading
// other characters.
func chunk(s string) (head, rest string) {
	i := 1
	for i < len(s) && digit(s[i]) == digit(s[0]) {
		i++
	}
	head, rest = s[:i], s[i:]
	for digit(head[0]) && len(head) > 1 && head[0] == '0' {
		head = head[1:]
	}
	return head, rest
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
