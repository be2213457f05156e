package requirements

import "testing"

// line is what most lines of Requires-Dist look like.
const line = `typing-extensions (>=4.6.0) ; python_version < "3.13" and extra == 'typing'`

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"name":      "markupsafe",
		"specifier": "urllib3<3,>=1.26",
		"marker":    line,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for name, text := range map[string]string{
		"known":   `python_version < "3.13" and extra == "typing" or sys_platform == "win32"`,
		"settled": `sys_platform == "win32" and platform_release > "5"`,
		"series":  `python_full_version >= "3.9"`,
		"unknown": `platform_release >= "13"`,
	} {
		b.Run(name, func(b *testing.B) {
			m, err := ParseMarker(text)
			if err != nil {
				b.Fatal(err)
			}
			env := iPhone()
			b.ReportAllocs()
			for b.Loop() {
				m.Evaluate(env)
			}
		})
	}
}
