package mds

// URL is where a pod's apps find a service that listens at an address
// (AC_METADATA_URL).
func (k *Key) URL(address, pod string) string { return "http://" + address + "/" + k.Token(pod) }
