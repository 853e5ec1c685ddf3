package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/appc/spec/schema/types"
	"github.com/appc/spec/schema/types/resource"
)

func memorySays(i types.Isolator, v types.Resource) (wish, error) {
	limit, err := amount(i, v.Limit(), 0)
	if err != nil {
		return wish{}, err
	}
	request, err := amount(i, v.Request(), 0)
	if err != nil {
		return wish{}, err
	}
	switch {
	case v.Limit() != nil:
		if err := checkMemory(v.Limit().String(), limit); err != nil {
			return wish{}, err
		}
		request = min(request, limit)
	case v.Request() == nil:
		return wish{}, errors.New("it has neither a limit nor a request")
	}
	return memoryWish(showResource(v), limit, request), nil
}

// cpuSays takes a request as shares, in the way of Kubernetes: one core is what
// everybody has.
func cpuSays(i types.Isolator, v types.Resource) (wish, error) {
	limit, err := amount(i, v.Limit(), resource.Milli)
	if err != nil {
		return wish{}, err
	}
	request, err := amount(i, v.Request(), resource.Milli)
	if err != nil {
		return wish{}, err
	}
	shares := int64(0)
	if v.Request() != nil {
		shares = max(leastShares, min(request, 1e6)*usualShares/1000)
		shares = min(shares, mostShares)
	}
	switch {
	case v.Limit() != nil:
		if err := checkCPU(v.Limit().String(), limit); err != nil {
			return wish{}, err
		}
	case v.Request() == nil:
		return wish{}, errors.New("it has neither a limit nor a request")
	}
	return cpuWish(showResource(v), limit, shares), nil
}

func deviceLimit(i types.Isolator, v types.Resource) (n int64, text string, err error) {
	if n, err = amount(i, v.Limit(), 0); err != nil {
		return 0, "", err
	}
	if n < 1 {
		return 0, "", errors.New("it has no limit; write a number a second, such as 2M")
	}
	return n, v.Limit().String(), nil
}

// amount is a quantity as a whole number; of nothing it is 0.
func amount(i types.Isolator, q *resource.Quantity, scale resource.Scale) (int64, error) {
	switch {
	case q == nil:
		return 0, nil
	case i.ValueRaw != nil && !isShort(*i.ValueRaw):
		return 0, errLongQuantity
	case q.Sign() < 0:
		return 0, fmt.Errorf("%s is less than nothing", q.String())
	case q.CmpInt64(mostBytes) > 0:
		return 0, fmt.Errorf("%s is more than any machine has", q.String())
	}
	return q.ScaledValue(scale), nil
}

// resources is how the names of isolators begin that have quantities.
const resources = "resource/"

var errLongQuantity = errors.New("a quantity with an exponent or without end; write a number with a unit, such as 64Mi")

// isShort reports whether a value has neither endless quantities nor such as
// 1e999999999. The schema takes them, and whoever compares or prints one computes all
// its digits.
func isShort(value json.RawMessage) bool {
	if len(value) > 256 {
		return false
	}
	for i := 1; i+1 < len(value); i++ {
		if (value[i] == 'e' || value[i] == 'E') && strings.IndexByte("0123456789.", value[i-1]) >= 0 && strings.IndexByte("+-0123456789", value[i+1]) >= 0 {
			return false
		}
	}
	return true
}

func showResource(v types.Resource) string {
	switch {
	case v.Limit() == nil:
		return "request " + v.Request().String()
	case v.Request() == nil || v.Request().Cmp(*v.Limit()) == 0:
		return v.Limit().String()
	}
	return v.Limit().String() + ", request " + v.Request().String()
}
