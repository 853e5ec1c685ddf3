// Package registrytest starts registries for tests: Debian's docker-registry on
// loopback, plain or with TLS, with a password file or with a token service
// whose JSON web tokens it checks. It ends with the test that started it.
//
// Before each stands a server of ours, at Registry.Host. It passes everything
// on, remembers what was asked and how many bytes left, and does what registries
// on the internet do and docker-registry can't be made to do: it cuts, stalls,
// lies, limits, and sends to a content delivery network on another host. What
// must meet docker-registry alone goes to Registry.Direct.
//
// All of 127.0.0.0/8 is loopback, so "another host" is another address of it.
package registrytest
