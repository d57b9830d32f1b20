package peers

// countFaults are those of counts and lengths.
func countFaults() []fault {
	return []fault{
		{
			name: "length-lie-crash", title: "believes the length of an address", class: "count and length lies",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					size, ok := addressSize(b)
					if size > len(b) {
						_ = b[size-1]
					}
					return size, ok
				}
			}),
		},
		{
			name: "count-lie-crash", title: "believes the count of a route", class: "count and length lies",
			profiles: v1(), datagrams: e09(), breaks: ids("WIRE-005"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					_ = b[0]
					return addressSize(b)
				}
			}),
		},
		{
			name: "count-lie-accepted", title: "ends a route where no address follows", class: "count and length lies",
			datagrams: everyProfile(), breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.count = func(b []byte) (int, []byte, bool) {
					n, rest, ok := readCount(255)(b)
					for i, b := 0, rest; i < n; i++ {
						size, ok := addressSize(b)
						if !ok {
							return i, rest, true
						}
						b = b[size:]
					}
					return n, rest, ok
				}
			}),
		},
		{
			name: "no-type-crash", title: "reads the type of a message that ends before it", class: "count and length lies",
			datagrams: c09(), breaks: ids("WIRE-005"), entails: ids("TRAN-013", "REC-009"),
			alter: parsing(func(p *parser) {
				p.kind = func(b []byte) (byte, []byte, bool) {
					_ = b[0]
					return readKind(b)
				}
			}),
		},
		{
			name: "many-addresses-crash", title: "keeps 8 addresses and writes the ninth behind them", class: "more addresses than supported",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-008"), entails: ids("TRAN-013", "WIRE-005", "REC-009"),
			alter: parsing(func(p *parser) {
				p.count = func(b []byte) (int, []byte, bool) {
					n, rest, ok := readCount(255)(b)
					_ = make([]route, 8)[:n]
					return n, rest, ok
				}
			}),
		},
		{
			name: "routes-accepted", title: "takes a message that has routes in a profile that has none", class: "more addresses than supported",
			profiles: c09(), datagrams: c09(), breaks: ids("WIRE-008"),
			alter: parsing(func(p *parser) { p.maxOnward, p.maxBack = 255, 255 }),
		},
		{
			name: "five-addresses-refused", title: "takes at most 3 addresses in a route", class: "more addresses than supported",
			profiles: c010(), datagrams: c010(), onlyDatagrams: true, breaks: ids("WIRE-008"),
			alter: parsing(func(p *parser) { p.count = readCount(3) }),
		},
		{
			name: "eight-addresses-refused", title: "takes at most 5 addresses in a route", class: "more addresses than supported",
			profiles: v1(), datagrams: []string{"v1", "e09"}, breaks: ids("WIRE-008"), entails: ids("ROUT-010"),
			alter: parsing(func(p *parser) { p.count = readCount(5) }),
		},
	}
}
