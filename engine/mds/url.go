package mds

import (
	"slices"
	"strings"
)

// variable tells an app where its service is (ace.md, "Execution Environment").
const variable = "AC_METADATA_URL"

// URL is where a pod's apps find a service that listens at an address.
func (k *Key) URL(address, pod string) string { return "http://" + address + "/" + k.Token(pod) }

// Environ is the environment of an app that has a metadata service, with where
// that is; "": nowhere.
func Environ(environ []string, url string) []string {
	environ = slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, variable+"=") })
	if url == "" {
		return environ
	}
	return append(environ, variable+"="+url)
}
