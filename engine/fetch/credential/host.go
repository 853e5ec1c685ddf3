package credential

import "strings"

// dockerHub is Docker Hub's name in references, and the key of its credentials
// here. Its helpers know it by hubServer.
const (
	dockerHub = "docker.io"
	hubServer = "https://index.docker.io/v1/"
)

func lower(host string) string { return strings.ToLower(host) }

// hubName makes one name of those that Docker Hub has had.
func hubName(host string) string {
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return dockerHub
	}
	return host
}

// registryHost returns the registry that a key of config.json means. Docker
// has written keys as HOST, HOST/v1/, and https://HOST/v1/. Other keys with a
// path are podman's: they are for some of a registry's repositories, and what
// is meant for those is not sent for all.
func registryHost(key string) (host string, ok bool) {
	scheme, rest, isURL := strings.Cut(key, "://")
	if !isURL {
		rest = key
	} else if scheme = lower(scheme); scheme != "https" && scheme != "http" {
		return "", false
	}
	host, path, _ := strings.Cut(rest, "/")
	path = strings.TrimSuffix(path, "/")
	if !isURL && path != "" && path != "v1" && path != "v2" {
		return "", false
	}
	host = lower(host)
	return hubName(host), isHost(host)
}

// isHost tells HOST[:PORT] from what can't match any: a URL, a path, a user, a
// pattern. It leaves it to the network whether there is such a host.
func isHost(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`/\@?#*%"'`, c)
	})
}
