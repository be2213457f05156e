package resolver

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// The laws of sets, against sets of bits.
func TestIndexSet(t *testing.T) {
	const size = 12
	r := rand.New(rand.NewPCG(1, 1))
	random := func() (bits uint32) {
		switch r.IntN(3) {
		case 0:
			lo := r.IntN(size)
			return (1<<r.IntN(size-lo+1) - 1) << lo
		case 1:
			return r.Uint32() & r.Uint32() & (1<<size - 1)
		}
		return r.Uint32() & (1<<size - 1)
	}
	set := func(bits uint32) (s indexSet) {
		for i := range int32(size) {
			if bits&(1<<i) != 0 {
				s.add(interval{i, i + 1})
			}
		}
		return s
	}
	for range 50_000 {
		a, b := random(), random()
		x, y := set(a), set(b)
		for name, c := range map[string]struct {
			got  indexSet
			want uint32
		}{
			"union":     {x.Union(y), a | b},
			"intersect": {x.Intersect(y), a & b},
			"minus":     {x.Minus(y), a &^ b},
		} {
			want := set(c.want)
			if c.got.IsEmpty() && c.got.rest == nil {
				c.got = indexSet{} // an empty interval may lie anywhere
			}
			if !reflect.DeepEqual(c.got, want) {
				t.Fatalf("%s of %v and %v is %v, want %v", name, x, y, c.got, want)
			}
		}
		if got := x.SubsetOf(y); got != (a&^b == 0) {
			t.Fatalf("%v subset of %v: %v", x, y, got)
		}
		if got := x.Disjoint(y); got != (a&b == 0) {
			t.Fatalf("%v disjoint from %v: %v", x, y, got)
		}
		var back uint32
		last, n := int32(size), 0
		x.descend(func(i int32) bool {
			if i >= last {
				t.Fatalf("%v does not descend", x)
			}
			back, last, n = back|1<<i, i, n+1
			return true
		})
		for i := range int32(size) {
			if x.contains(i) != (a&(1<<i) != 0) {
				t.Fatalf("%v contains %d: %v", x, i, x.contains(i))
			}
		}
		if back != a || n != x.len() || x.IsEmpty() != (a == 0) || x.isSingle() != (n == 1) {
			t.Fatalf("%v has other places than %b", x, a)
		}
	}
}
