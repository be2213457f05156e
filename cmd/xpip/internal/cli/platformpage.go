package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xpip/xpip/host"
)

// page is all that is known of a host, for people: fit to be put into a report
// of a bug as it is.
func page(h *host.Host, said *host.Facts) string {
	var b strings.Builder
	title := h.String()
	fmt.Fprintf(&b, "%s\n", title)
	for _, note := range h.Notes() {
		if !strings.Contains(title, note) {
			fmt.Fprintf(&b, "  %s\n", note)
		}
	}
	section := func(title string, rows [][]string) {
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n%s\n%s", title, columns(rows))
		}
	}
	folder, short := shortened(said)
	section("Host", [][]string{
		{"platform", strings.Join(h.Platforms(), ", "), short(h.Origin("platform"))},
		{"python", pythonText(h), short(h.Origin("python"))},
		{"implementation", h.Implementation(), short(h.Origin("implementation"))},
		{"ABI", strings.Join(h.ABIs(), ", "), short(h.Origin("abi"))},
		{"tags", strconv.Itoa(len(h.Tags())), "the best is " + h.Tags()[0].String()},
	})
	section("Names", spellingRows(h))
	section("Markers", markerRows(h, short))
	s := h.Scheme()
	scripts := s.Scripts
	if s.ScriptKind == host.ScriptsNone {
		scripts = "none: no shell starts them there"
	}
	section("Scheme, below --prefix", [][]string{
		{"packages", s.Purelib, short(h.Origin("scheme"))}, {"with machine code", s.Platlib, ""}, {"scripts", scripts, ""},
		{"headers", s.Headers, ""}, {"data", orSelf(s.Data), ""},
	})
	section("Read"+folder, sourceRows(said, short))
	return b.String()
}

// shortened is the folder that a description was read in, as the end of a title,
// and how files below it are shown.
func shortened(said *host.Facts) (folder string, short func(string) string) {
	if said == nil {
		return "", func(file string) string { return file }
	}
	base := cmp.Or(said.Root, said.Prefix)
	if base == "" {
		return "", func(file string) string { return file }
	}
	return " in " + base, func(file string) string {
		return strings.TrimPrefix(file, strings.TrimRight(base, string(filepath.Separator))+string(filepath.Separator))
	}
}

func orSelf(folder string) string {
	if folder == "" {
		return "."
	}
	return folder
}

func pythonText(h *host.Host) string {
	text := h.Python().String()
	if h.FreeThreaded() {
		text += ", free-threaded"
	}
	return text
}

// spellingRows has a row for the names of each kind. What they leave open stands
// behind them: behind each if they differ in it.
func spellingRows(h *host.Host) (rows [][]string) {
	all := h.Spellings()
	for first := 0; first < len(all); {
		end, same := first, true
		for end < len(all) && all[end].Kind == all[first].Kind {
			same = same && all[end].Open == all[first].Open
			end++
		}
		var names []string
		for _, s := range all[first:end] {
			text := s.Text
			if !same && s.Open != "" {
				text += " (leaves the " + s.Open + " open)"
			}
			names = append(names, text)
		}
		open := ""
		switch {
		case !same || all[first].Open == "":
		case len(names) == 1:
			open = "leaves the " + all[first].Open + " open"
		default:
			open = "leave the " + all[first].Open + " open"
		}
		rows = append(rows, []string{all[first].Kind.String(), strings.Join(names, ", "), open})
		first = end
	}
	return rows
}

func markerRows(h *host.Host, short func(string) string) (rows [][]string) {
	env := h.Environment()
	for _, name := range env.Names() {
		value, ok := env.Get(name)
		if !ok {
			continue
		}
		row := []string{name, fmt.Sprintf("%q", value.Text), short(h.Origin(name))}
		if !value.Known {
			row[1], row[2] = fmt.Sprintf("unknown, taken as %q", value.Text), "--marker "+name+"=VALUE settles it"
		}
		rows = append(rows, row)
	}
	return rows
}

func sourceRows(said *host.Facts, short func(string) string) (rows [][]string) {
	if said == nil {
		return nil
	}
	for _, s := range said.Sources {
		rows = append(rows, []string{s.Field, s.Value, short(s.File)})
	}
	return rows
}

// columns sets rows in columns; the last of a row is not filled up.
func columns(rows [][]string) string {
	const widest = 48 // a longer cell moves the rest of its row
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if n := utf8.RuneCountInString(cell); n <= widest {
				widths[i] = max(widths[i], n)
			}
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell)
			line.WriteString(strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell))))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// The page as JSON.
type (
	hostPage struct {
		Title          string                `json:"title"`
		Notes          []string              `json:"notes"`
		Platform       originated            `json:"platform"`
		Platforms      []string              `json:"platforms"`
		Python         originated            `json:"python"`
		Implementation originated            `json:"implementation"`
		FreeThreaded   bool                  `json:"free_threaded"`
		ABIs           []string              `json:"abis"`
		ABIOrigin      string                `json:"abi_origin"`
		Names          []nameOfHost          `json:"names"`
		Markers        map[string]markerSaid `json:"markers"`
		Scheme         schemePage            `json:"scheme"`
		TagCount       int                   `json:"tag_count"`
		Tags           []string              `json:"tags"`
		Read           []sourcePage          `json:"read"`
	}
	originated struct {
		Value  string `json:"value"`
		Origin string `json:"origin"`
	}
	nameOfHost struct {
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		LeavesOpen string `json:"leaves_open,omitempty"`
	}
	markerSaid struct {
		Value  string `json:"value"`
		Known  bool   `json:"known"`
		Origin string `json:"origin,omitempty"`
	}
	schemePage struct {
		Purelib string `json:"purelib"`
		Platlib string `json:"platlib"`
		Scripts string `json:"scripts"`
		Headers string `json:"headers"`
		Data    string `json:"data"`
		Kind    string `json:"script_kind"`
		Origin  string `json:"origin"`
	}
	sourcePage struct {
		Field string `json:"field"`
		Value string `json:"value"`
		File  string `json:"file"`
	}
)

func jsonPage(h *host.Host, said *host.Facts) hostPage {
	s := h.Scheme()
	out := hostPage{
		Title: h.String(), Notes: append([]string{}, h.Notes()...),
		Platform: originated{h.Platform(), h.Origin("platform")}, Platforms: h.Platforms(),
		Python:         originated{h.Python().String(), h.Origin("python")},
		Implementation: originated{h.Implementation(), h.Origin("implementation")},
		FreeThreaded:   h.FreeThreaded(), ABIs: append([]string{}, h.ABIs()...), ABIOrigin: h.Origin("abi"),
		Markers: map[string]markerSaid{}, TagCount: len(h.Tags()), Read: []sourcePage{}, Names: []nameOfHost{},
		Scheme: schemePage{s.Purelib, s.Platlib, s.Scripts, s.Headers, s.Data, s.ScriptKind.String(), h.Origin("scheme")},
	}
	for _, name := range h.Spellings() {
		out.Names = append(out.Names, nameOfHost{name.Kind.String(), name.Text, name.Open})
	}
	env := h.Environment()
	for _, name := range env.Names() {
		if value, ok := env.Get(name); ok {
			out.Markers[name] = markerSaid{value.Text, value.Known, h.Origin(name)}
		}
	}
	for _, tag := range h.Tags() {
		out.Tags = append(out.Tags, tag.String())
	}
	if said != nil {
		for _, source := range said.Sources {
			out.Read = append(out.Read, sourcePage(source))
		}
	}
	return out
}
