package main

import (
	"fmt"
	"strings"
)

// A state says what there is before a run.
type state int

const (
	cold        state = iota // no cache, nothing installed
	warm                     // the cache of a run like this one
	incremental              // the cache of a run with one requirement less
	done                     // the cache, and everything in place
)

// A scenario is a job in a state.
type scenario struct {
	group string // rows with one heading in the table
	name  string
	state state
	job   job
	fails bool // the tools must refuse
	// tools are the names of those that can do it at all; nil means all.
	tools []string
	// packages and files say how large a scenario of the groups of growth is.
	packages, files int
}

func (s scenario) title() string { return s.group + ", " + s.name }

func phones() machine {
	return machine{name: "iOS arm64", python: "3.14", platform: "ios_13_0_arm64_iphoneos", uv: "arm64-apple-ios"}
}

func arm() machine {
	return machine{name: "Linux aarch64", python: "3.13", platform: "manylinux_2_28_aarch64", uv: "aarch64-manylinux_2_28",
		lower: []string{"manylinux_2_27_aarch64", "manylinux_2_26_aarch64", "manylinux_2_24_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"}}
}

func windows() machine {
	return machine{name: "Windows amd64", python: "3.13", platform: "win_amd64", uv: "windows"}
}

// phoneAndSimulators are the phone and the two simulators, for one call.
func phoneAndSimulators() machine {
	m := phones()
	m.more = []machine{
		{python: "3.14", platform: "ios_13_0_arm64_iphonesimulator", uv: "arm64-apple-ios-simulator"},
		{python: "3.14", platform: "ios_13_0_x86_64_iphonesimulator", uv: "x86_64-apple-ios-simulator"},
	}
	return m
}

// scenarios are all that is measured; index is the loopback index's address.
func scenarios(index string) []scenario {
	var all []scenario
	for _, c := range []struct {
		m        machine
		packages string
		added    string
	}{
		{phones(), "pillow markupsafe httpx", "rich"},
		{arm(), "pandas scikit-learn", "networkx"},
		{windows(), "jupyterlab", "rich"},
	} {
		all = append(all, everyday(c.m, strings.Fields(c.packages), c.added)...)
	}
	phone := job{machine: phones()}
	with := func(j job, packages ...string) job { j.packages = packages; return j }
	source := with(phone, "docopt")
	source.sources = true
	all = append(all,
		scenario{group: "sdist: docopt for iOS", name: "install cold", state: cold, job: source, tools: []string{"xpip", "uv"}},
		scenario{group: "sdist: docopt for iOS", name: "install warm", state: warm, job: source, tools: []string{"xpip", "uv"}},
		scenario{group: "no wheel fits: lxml for iOS", name: "refusal cold", state: cold, job: with(phone, "lxml"), fails: true},
		scenario{group: "no wheel fits: lxml for iOS", name: "refusal warm", state: warm, job: with(phone, "lxml"), fails: true},
		scenario{group: "three slices: pillow markupsafe httpx", name: "install cold", state: cold,
			job: job{machine: phoneAndSimulators(), packages: []string{"pillow", "markupsafe", "httpx"}}},
		scenario{group: "three slices: pillow markupsafe httpx", name: "install warm", state: warm,
			job: job{machine: phoneAndSimulators(), packages: []string{"pillow", "markupsafe", "httpx"}}},
	)
	return append(all, synthetic(index)...)
}

// everyday are uv's own six scenarios, for one machine, and the installing alone,
// without a network.
func everyday(m machine, packages []string, added string) []scenario {
	group := m.name + ": " + strings.Join(packages, " ")
	j := job{machine: m, packages: packages}
	resolve, more, alone := j, j, j
	alone.offline = true
	resolve.dryRun = true
	more.dryRun = true
	more.packages = append(append([]string{}, packages...), added)
	return []scenario{
		{group: group, name: "resolve cold", state: cold, job: resolve},
		{group: group, name: "resolve warm", state: warm, job: resolve},
		{group: group, name: "resolve, " + added + " added", state: incremental, job: more},
		{group: group, name: "install cold", state: cold, job: j},
		{group: group, name: "install warm", state: warm, job: j},
		{group: group, name: "install warm, --offline", state: warm, job: alone, tools: []string{"xpip", "uv"}},
		{group: group, name: "nothing to do", state: done, job: j},
	}
}

// synthetic are the scenarios about size.
func synthetic(index string) []scenario {
	j := job{machine: phones(), index: index}
	var all []scenario
	for _, n := range growth {
		many := j
		for i := range n {
			many.packages = append(many.packages, fmt.Sprintf("package-%03d", i))
		}
		group := "growth"
		all = append(all,
			scenario{group: group, name: fmt.Sprintf("install cold, %d packages", n), state: cold, job: many, packages: n, files: n * filesPerPackage},
			scenario{group: group, name: fmt.Sprintf("install warm, %d packages", n), state: warm, job: many, packages: n, files: n * filesPerPackage})
	}
	for _, n := range fileCounts {
		large := j
		large.packages = []string{fmt.Sprintf("files-%d", n)}
		all = append(all,
			scenario{group: "growth", name: fmt.Sprintf("install cold, %d files", n), state: cold, job: large, packages: 1, files: n},
			scenario{group: "growth", name: fmt.Sprintf("install warm, %d files", n), state: warm, job: large, packages: 1, files: n})
	}
	for _, c := range []struct{ name, project string }{
		{"3,000 versions", "many-versions"},
		{"10,000 files on a page", "many-files"},
	} {
		page := j
		page.dryRun, page.packages = true, []string{c.project}
		all = append(all,
			scenario{group: c.name, name: "resolve cold", state: cold, job: page},
			scenario{group: c.name, name: "resolve warm", state: warm, job: page})
	}
	return all
}
