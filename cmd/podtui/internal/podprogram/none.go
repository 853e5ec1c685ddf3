//go:build !podprogram

package podprogram

import "embed"

var embedded embed.FS // of a podtui that is its own program
