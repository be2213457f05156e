package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeAll writes the results for people (a page, two plots) and for programs.
func writeAll(dir string, results []result) error {
	data, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	for name, content := range map[string]string{
		"speed.json": string(data) + "\n", "speed.md": page(results),
		"speed.svg": speedPlot(results), "growth.svg": growthPlot(results),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func page(results []result) string {
	return "# How fast xpip is\n\nMade by `go run ./bench -write docs`; what each row means stands in\n" +
		"[comparison.md](comparison.md#speed). The numbers, with every round: [speed.json](speed.json).\n\n" +
		summary(results) + "\n![seconds of each scenario](speed.svg)\n\n![how the time grows](growth.svg)\n\n" + table(results)
}

// summary are the sentences that a reader takes away.
func summary(results []result) string {
	var b strings.Builder
	for _, peer := range []string{"uv", "pip"} {
		ratios := allRatios(results, peer)
		if len(ratios) == 0 {
			continue
		}
		worst := ratios[len(ratios)-1]
		fmt.Fprintf(&b, "- beside %s: **%.2f** of its time in the geometric mean of %d scenarios; at most %.2f (%s)\n",
			peer, geometricMean(ratios), len(ratios), worst.value, worst.of)
	}
	if ratios := allRatios(results, "cp -al"); len(ratios) > 0 {
		fmt.Fprintf(&b, "- a whole warm install beside `cp -al` of its tree: %.2f in the geometric mean, at most %.2f (%s)\n",
			geometricMean(ratios), ratios[len(ratios)-1].value, ratios[len(ratios)-1].of)
	}
	most, of := 0.0, ""
	for _, r := range results {
		if x, ok := r.of("xpip"); ok && x.MaxRSS > most {
			most, of = x.MaxRSS, r.Group+", "+r.Scenario
		}
	}
	fmt.Fprintf(&b, "- at most %.0f MiB of memory (%s)\n", most, of)
	return b.String()
}

// A ratio is xpip's median over another's.
type ratio struct {
	value float64
	of    string
}

// allRatios are those of every scenario that both took part in, the smallest
// first.
func allRatios(results []result, peer string) []ratio {
	var out []ratio
	for _, r := range results {
		x, ok := r.of("xpip")
		p, both := r.of(peer)
		if ok && both {
			out = append(out, ratio{x.median() / p.median(), r.Group + ", " + r.Scenario})
		}
	}
	slices.SortFunc(out, func(a, b ratio) int {
		if a.value < b.value {
			return -1
		}
		return 1
	})
	return out
}

func geometricMean(ratios []ratio) float64 {
	sum := 0.0
	for _, r := range ratios {
		sum += math.Log(r.value)
	}
	return math.Exp(sum / float64(len(ratios)))
}

// table has a row for every scenario, in Markdown.
func table(results []result) string {
	var b strings.Builder
	group := ""
	for _, r := range results {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&b, "\n**%s**\n\n| scenario | xpip | uv | pip | floor | xpip/uv | xpip/pip | xpip/floor | memory: xpip, uv, pip |\n|---|---|---|---|---|---|---|---|---|\n", group)
		}
		x, _ := r.of("xpip")
		u, _ := r.of("uv")
		p, _ := r.of("pip")
		floor := r.floor()
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.Scenario, spread(x), spread(u), spread(p),
			strings.TrimSpace(spread(floor)+" "+floor.Tool), over(x, u), over(x, p), over(x, floor), memories(x, u, p))
	}
	return b.String()
}

// floor is the timing that is none of a tool's.
func (r result) floor() timing {
	for _, t := range r.Tools {
		if t.Tool != "xpip" && t.Tool != "uv" && t.Tool != "pip" {
			return t
		}
	}
	return timing{}
}

// spread is the median with the fastest and the slowest run.
func spread(t timing) string {
	if len(t.Seconds) == 0 {
		return ""
	}
	return fmt.Sprintf("%.3g s (%.3g–%.3g)", t.median(), slices.Min(t.Seconds), slices.Max(t.Seconds))
}

func over(a, b timing) string {
	if len(a.Seconds) == 0 || len(b.Seconds) == 0 {
		return ""
	}
	ratio := fmt.Sprintf("%.2f", a.median()/b.median())
	if a.median() > b.median() {
		return "**" + ratio + "**"
	}
	return ratio
}

func memories(all ...timing) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = "–"
		if t.MaxRSS > 0 {
			words[i] = fmt.Sprintf("%.0f", t.MaxRSS)
		}
	}
	return strings.Join(words, ", ") + " MiB"
}
