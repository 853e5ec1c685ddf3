//go:build podprogram

package podprogram

import (
	"embed"
	"io/fs"
)

//go:embed assets
var assets embed.FS

var embedded, _ = fs.Sub(assets, "assets")
