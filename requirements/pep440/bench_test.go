package pep440

import (
	"fmt"
	"slices"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"1.43.27", "2.31.0.20240406", "1.0rc1.post2.dev3", "2.1.0+cu118", "1.0-beta.1", "not-a-version"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Parse(s)
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	for _, pair := range [][2]string{{"1.43.27", "1.43.28"}, {"1.43.27", "1.43.27rc1"}, {"2.1.0+cu118", "2.1.0+cu121"}, {"1!2.0", "2.0"}} {
		v, w := MustParse(pair[0]), MustParse(pair[1])
		b.Run(pair[0]+" "+pair[1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.Compare(w)
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	v := MustParse("1.43.27")
	b.ReportAllocs()
	for b.Loop() {
		_ = v.String()
	}
}

func BenchmarkParseSpecifiers(b *testing.B) {
	for _, s := range []string{">=3.8", ">=1.21,<3", "!=3.0.*,!=3.1.*,!=3.2.*,>=2.7,<4", "~=1.4.2"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = ParseSpecifiers(s)
			}
		})
	}
}

func BenchmarkContains(b *testing.B) {
	v := MustParse("3.11.4")
	for _, s := range []string{">=3.8", ">=1.21,<3", "!=3.0.*,!=3.1.*,!=3.2.*,>=2.7,<4"} {
		specifiers := mustSpecifiers(s)
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				specifiers.Contains(v)
			}
		})
	}
}

func BenchmarkSetAlgebra(b *testing.B) {
	s, t := mustSpecifiers(">=1.21,!=1.25,<3").Set(), mustSpecifiers("~=1.26").Set()
	b.Run("Intersect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Intersect(t)
		}
	})
	b.Run("SubsetOf", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t.SubsetOf(s)
		}
	})
	b.Run("Complement", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Complement()
		}
	})
}

// BenchmarkProject does with a list as long as botocore's what a resolver does
// with it first: parse, sort, and check each version against one specifier.
func BenchmarkProject(b *testing.B) {
	var list []string
	for i := range 2500 {
		list = append(list, fmt.Sprintf("1.%d.%d", (i*7919)%2500/60, (i*7919)%60))
	}
	specifiers := mustSpecifiers(">=1.21,<1.40")
	versions := make([]Version, 0, len(list))
	b.ReportAllocs()
	for b.Loop() {
		versions = versions[:0]
		for _, s := range list {
			versions = append(versions, MustParse(s))
		}
		slices.SortFunc(versions, Version.Compare)
		for _, v := range versions {
			specifiers.Contains(v)
		}
	}
}

func mustSpecifiers(s string) Specifiers {
	out, err := ParseSpecifiers(s)
	if err != nil {
		panic(err)
	}
	return out
}
