package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The colours of the tools, told apart by most eyes and by shape besides.
var marks = map[string]struct{ colour, shape string }{
	"xpip": {"#0072b2", "circle"},
	"uv":   {"#d55e00", "square"},
	"pip":  {"#888888", "diamond"},
}

const style = `<style>text{font:12px sans-serif;fill:#333}.head{font-weight:bold}.grid{stroke:#ddd}.axis{stroke:#999}</style>`

// speedPlot has a line for every scenario, with the median of each tool and
// the range of its runs on a logarithmic axis of seconds.
func speedPlot(results []result) string {
	rows := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.Packages > 0 })
	const left, width, line = 330, 520, 20
	low, high := bounds(rows)
	x := func(seconds float64) float64 {
		return left + width*(math.Log10(seconds)-low)/(high-low)
	}
	var b strings.Builder
	y, group := 40, ""
	for _, r := range rows {
		if r.Group != group {
			group = r.Group
			y += line + 4
			fmt.Fprintf(&b, `<text class="head" x="10" y="%d">%s</text>`+"\n", y, html.EscapeString(group))
		}
		y += line
		fmt.Fprintf(&b, `<text x="24" y="%d">%s</text>`+"\n", y, html.EscapeString(r.Scenario))
		for _, name := range []string{"pip", "uv", "xpip"} {
			t, ok := r.of(name)
			if !ok {
				continue
			}
			m := marks[name]
			fmt.Fprintf(&b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="%s" stroke-width="2" opacity=".5"/>`,
				x(slices.Min(t.Seconds)), x(slices.Max(t.Seconds)), y-4, y-4, m.colour)
			b.WriteString(mark(m.shape, m.colour, x(t.median()), float64(y-4)) + "\n")
		}
	}
	height := y + 40
	var axis strings.Builder
	for decade := int(low); decade <= int(high); decade++ {
		at := x(math.Pow10(decade))
		fmt.Fprintf(&axis, `<line class="grid" x1="%.1f" x2="%.1f" y1="44" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle">%g s</text>`+"\n",
			at, at, height-30, at, height-12, math.Pow10(decade))
	}
	return svg(left+width+40, height, "Seconds of the whole command, logarithmic; the line is the range of all runs",
		legend(left, 36, "xpip", "uv", "pip")+axis.String()+b.String())
}

// bounds are the powers of ten around all times.
func bounds(rows []result) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		for _, t := range r.Tools {
			if _, ok := marks[t.Tool]; ok {
				low = min(low, math.Floor(math.Log10(slices.Min(t.Seconds))))
				high = max(high, math.Ceil(math.Log10(slices.Max(t.Seconds))))
			}
		}
	}
	if low >= high {
		return -3, 1
	}
	return low, high
}

// growthPlot has four panels: cold and warm installs by packages and by files.
func growthPlot(results []result) string {
	const width, height = 380, 240
	var b strings.Builder
	panel := 0
	for _, by := range []string{"packages", "files"} {
		for _, how := range []string{"cold", "warm"} {
			series := map[string][]point{}
			for _, r := range results {
				n := r.Packages
				if by == "files" {
					n = r.Files
				}
				single := r.Packages == 1 && strings.HasSuffix(r.Scenario, "files")
				if n == 0 || single != (by == "files") || !strings.Contains(r.Scenario, how) {
					continue
				}
				for _, t := range r.Tools {
					series[t.Tool] = append(series[t.Tool], point{float64(n), t.median()})
				}
			}
			fmt.Fprintf(&b, `<g transform="translate(%d %d)">%s</g>`+"\n", 20+panel%2*(width+40), 50+panel/2*(height+60),
				lines("install "+how+", by "+by, series, width, height))
			panel++
		}
	}
	return svg(2*width+80, 2*height+180, "Seconds of an install from an index on loopback, linear axes", legend(60, 36, "xpip", "uv", "pip")+b.String())
}

type point struct{ x, y float64 }

func lines(title string, series map[string][]point, width, height float64) string {
	mx, my := 1.0, 0.001
	for name, points := range series {
		if _, ok := marks[name]; !ok {
			continue
		}
		for _, p := range points {
			mx, my = max(mx, p.x), max(my, p.y)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<text class="head" x="40" y="12">%s</text><line class="axis" x1="40" x2="%.0f" y1="%.0f" y2="%.0f"/><line class="axis" x1="40" x2="40" y1="24" y2="%.0f"/>`,
		html.EscapeString(title), width, height, height, height)
	fmt.Fprintf(&b, `<text x="36" y="30" text-anchor="end">%.2g s</text><text x="%.0f" y="%.0f" text-anchor="end">%g</text>`, my, width, height+16, mx)
	for _, name := range []string{"pip", "uv", "xpip"} {
		var path strings.Builder
		for i, p := range series[name] {
			px, py := 40+(width-40)*p.x/mx, height-(height-24)*p.y/my
			letter := "L"
			if i == 0 {
				letter = "M"
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", letter, px, py)
			b.WriteString(mark(marks[name].shape, marks[name].colour, px, py))
		}
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.5"/>`, path.String(), marks[name].colour)
	}
	return b.String()
}

func legend(x, y int, names ...string) string {
	var b strings.Builder
	for i, name := range names {
		at := x + 80*i
		b.WriteString(mark(marks[name].shape, marks[name].colour, float64(at), float64(y-4)))
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", at+10, y, name)
	}
	return b.String()
}

func mark(shape, colour string, x, y float64) string {
	switch shape {
	case "square":
		return fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="8" height="8" fill="%s"/>`, x-4, y-4, colour)
	case "diamond":
		return fmt.Sprintf(`<path d="M%.1f %.1fl5 5l-5 5l-5 -5z" fill="%s"/>`, x, y-5, colour)
	}
	return fmt.Sprintf(`<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s"/>`, x, y, colour)
}

func svg(width, height int, title, body string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+
		"\n%s\n"+`<rect width="100%%" height="100%%" fill="#fff"/><text x="10" y="18">%s</text>`+"\n%s</svg>\n",
		width, height, width, height, style, html.EscapeString(title), body)
}
