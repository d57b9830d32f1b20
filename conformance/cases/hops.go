package cases

import (
	"slices"

	"ockamtest/conformance"
)

// hops are the cases about routers.
func hops() []conformance.Case {
	return slices.Concat(
		hopsControl(), hopsLeading(), hopsConnections(), hopsLoop(), hopsUnknown(), hopsPolicy(), hopsLimits(), hopsMixed(), hopsMalformed(), hopsForms(), hopsPing(),
		hopsChannel(), hopsStreams(), hopsFan(), hopsWhole())
}
