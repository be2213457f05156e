package cli

import "github.com/xpip/xpip/resolver"

// generalOptions are those that every command has, before or after its name.
type generalOptions struct {
	verbose, quiet   int
	log              string
	timings          bool
	isolated         bool
	python           string
	noInput          bool
	noColor          bool
	requireVenv      bool
	progressBar      string
	proxy            string
	noProxyEnv       bool
	offline          bool
	retries          int
	timeout          float64
	trustedHosts     []string
	cert, clientCert string
	keyring          string
	cacheDir         string
	noCache          bool
}

func (o *generalOptions) register(r *registry) {
	r.heading("General")
	r.count(&o.verbose, "verbose", "v", "Give more output; up to three times.")
	r.count(&o.quiet, "quiet", "q", "Give less output; up to three times.")
	r.path(&o.log, "log", "", "path", "Append a verbose log to this file.")
	r.alias("log-file", "log")
	r.alias("local-log", "log")
	r.on(&o.timings, "timings", "", "Say at the end, on standard error, where the time went.")
	r.on(&o.isolated, "isolated", "", "Ignore PIP_* variables and the user's configuration.")
	r.text(&o.python, "python", "", "path", "Work for this environment: its folder or its interpreter, which is read and never run.")
	r.note("python", differsAnnotation, "it names an environment to work for, which is read and never run; pip runs itself in it")
	r.on(&o.noInput, "no-input", "", "Never ask for input.")
	r.on(&o.noColor, "no-color", "", "Never use colour (NO_COLOR does the same).")
	r.on(&o.requireVenv, "require-virtualenv", "", "Refuse the build machine's own Python unless it is a virtual environment.")
	r.alias("require-venv", "require-virtualenv")
	o.progressBar = "on"
	r.choice(&o.progressBar, "progress-bar", "on|off|raw", []string{"auto", "on", "off", "raw"}, "Progress on a terminal. [default: on]")
	r.ignored("disable-pip-version-check", false, "xpip never looks for a newer pip, or for itself")
	r.ignored("no-python-version-warning", false, "pip ignores it too")
	r.ignored("debug", false, "there are no exceptions to let through; -vv tells more")
	r.ignoredChoice("exists-action", []string{"s", "i", "w", "b", "a"}, nil, "nothing is asked: a file that is there is replaced as a whole if it differs")
	r.ignoredChoice("use-feature", []string{"fast-deps", "inprocess-build-deps", "venv-isolation", "truststore", "no-binary-enable-wheel-cache", "build-constraint"}, nil,
		"what these switch on is how xpip always works")
	r.ignoredChoice("use-deprecated", []string{"legacy-certs"}, map[string]string{
		"legacy-resolver": "it installs versions that do not fit together; xpip has one resolver, and --no-deps to do without",
	}, "certificates are the system's, or those of --cert; legacy-resolver is refused")

	r.heading("Network")
	r.text(&o.proxy, "proxy", "", "url", "Proxy, as scheme://[user:passwd@]proxy.server:port.")
	r.on(&o.noProxyEnv, "no-proxy-env", "", "Ignore the proxy variables of the environment.")
	r.on(&o.offline, "offline", "", "Use no network: only local files and the cache, however old it is.")
	o.retries, o.timeout = 5, 15
	r.number(&o.retries, "retries", "", "n", "How often to try a request again. [default: 5]")
	r.seconds(&o.timeout, "timeout", "", "sec", "Seconds to wait for an answer. [default: 15]")
	r.alias("default-timeout", "timeout")
	r.hidden((*numberValue)(new(int)), "resume-retries", "n", ignoredAnnotation, "a download that breaks off is resumed as often as --retries says")
	r.list(&o.trustedHosts, "trusted-host", "", "host", "Trust this host or host:port without HTTPS or without a valid certificate.")
	r.text(&o.cert, "cert", "", "path", "CA certificates (PEM) to use instead of the system's.")
	r.text(&o.clientCert, "client-cert", "", "path", "Client certificate and key in one PEM file.")
	o.keyring = "auto"
	r.choice(&o.keyring, "keyring-provider", "name", []string{"auto", "disabled", "import", "subprocess"}, "Where credentials are looked up: auto, disabled, subprocess. [default: auto]")
	r.path(&o.cacheDir, "cache-dir", "", "dir", "Keep the cache here.")
	r.note("cache-dir", differsAnnotation, "the cache is of xpip's own kind; do not name pip's")
	r.add(&noCacheValue{&o.noCache}, "no-cache-dir", "", "", "Use no cache.").NoOptDefVal = noValue
}

// hostOptions say where the packages will run.
type hostOptions struct {
	platforms      []string
	abis           []string
	pythonVersion  string
	implementation string
	exact          bool
	markers        []string
	from           string
	slices         []string
}

func (o *hostOptions) register(r *registry) {
	r.heading("Host (where the packages will run; default: this machine's Python)")
	r.list(&o.platforms, "platform", "", "tag", "Platform of the host, such as ios_13_0_arm64 or manylinux_2_28_aarch64; repeat in order of preference.")
	r.note("platform", differsAnnotation, "the older tags that it includes are added, other tools' spellings understood, and what no host can have is refused; neither --target nor --only-binary=:all: is demanded")
	r.path(&o.from, "host-from", "", "path", "Take the host from this description or prefix of it, which is read and never run.")
	r.text(&o.pythonVersion, "python-version", "", "X.Y[.Z]", "Python version of the host; 3.13t is free-threaded. [default with --platform: 3.14]")
	r.note("python-version", differsAnnotation, "without it, the version is that of the prefix, the platform, or 3.14, and said; 3.13t is free-threaded")
	r.text(&o.implementation, "implementation", "", "name", "Python implementation of the host: cp, pp or py. [default: cp]")
	r.list(&o.abis, "abi", "", "abi", "ABI of the host, such as cp314 or abi3; repeatable. [default: follows the version]")
	r.on(&o.exact, "platform-exact", "", "Take the platform tags literally, without the older ones they include.")
	r.list(&o.markers, "marker", "", "name=value", "Settle a marker variable of the host, such as platform_release=17.4.")
	r.own("host-from", "platform-exact", "marker")
}

// registerSlices adds the option of the commands that work for several hosts in
// one call.
func (o *hostOptions) registerSlices(r *registry) {
	r.list(&o.slices, "slice", "", "name[=dir]", "Work for this platform beside others, with one version of every project for all; repeatable.")
}

// given reports whether any option describes a host.
func (o *hostOptions) given() bool {
	return len(o.platforms) > 0 || len(o.abis) > 0 || o.pythonVersion != "" || o.implementation != ""
}

// foreign reports whether the options name another host by its platform or by a
// description.
func (o *hostOptions) foreign() bool { return len(o.platforms) > 0 || o.from != "" }

// indexOptions say where packages come from.
type indexOptions struct {
	indexURL  string
	extraURLs []string
	noIndex   bool
	findLinks []string
	strategy  string
	strict    bool
	names     []string
	pins      []string
	priorTo   string
	refresh   []string
}

func (o *indexOptions) register(r *registry) {
	r.heading("Package index")
	r.text(&o.indexURL, "index-url", "i", "url", "Simple index to use. [default: PyPI]")
	r.alias("pypi-url", "index-url")
	r.list(&o.extraURLs, "extra-index-url", "", "url", "Further index, looked at beside --index-url.")
	r.on(&o.noIndex, "no-index", "", "Use no index, only --find-links.")
	r.list(&o.findLinks, "find-links", "f", "url", "Folder, file: URL or page with links to archives.")
	o.strategy = "merge"
	r.choice(&o.strategy, "index-strategy", "merge|first-index", []string{"merge", "first-index"}, "Whether all indexes are merged, as in pip, or the first that has a project answers for it. [default: merge]")
	r.on(&o.strict, "strict-indexes", "", "Stop if an extra index cannot be reached, instead of doing without it.")
	r.list(&o.names, "named-index", "", "name=url", "Give an index a name, which -i, --extra-index-url and --pin-index understand; repeatable.")
	r.list(&o.pins, "pin-index", "", "project=index", "Look for this project (acme-* for all names that begin so) on this index alone; repeatable.")
	r.own("index-strategy", "strict-indexes")
	r.ownTable("named-index", "indexes")
	r.ownTable("pin-index", "index")
	r.text(&o.priorTo, "uploaded-prior-to", "", "time", "Only files uploaded before this moment: ISO 8601, or PnD for n days ago.")
	r.list(&o.refresh, "refresh-package", "", "name", "Ask the index anew for this project (:all: for every one).")
}

// selectionOptions say which of the files that fit may be chosen.
type selectionOptions struct {
	formats        resolver.FormatControl
	releases       resolver.ReleaseControl
	preferBinary   bool
	pre            bool
	requireHashes  bool
	noHashes       bool
	ignoreRequires bool
	noDeps         bool
	onlyDeps       bool
}

func (o *selectionOptions) register(r *registry) {
	o.registerReleases(r)
	r.on(&o.noDeps, "no-deps", "", "Do not install dependencies.")
	r.alias("no-dependencies", "no-deps")
	r.on(&o.onlyDeps, "only-deps", "", "Install only the dependencies of what is asked for.")
	r.alias("only-dependencies", "only-deps")
	r.on(&o.requireHashes, "require-hashes", "", "Demand a hash for everything.")
	r.on(&o.noHashes, "no-require-hashes", "", "Hashes in a requirements file do not make them mandatory.")
	r.on(&o.ignoreRequires, "ignore-requires-python", "", "Ignore Requires-Python.")
}

// registerReleases adds the options that say which files and releases of a
// project count, for the commands that only look.
func (o *selectionOptions) registerReleases(r *registry) {
	r.heading("Selection")
	r.add(&formatValue{&o.formats, true}, "only-binary", "", "names", "Never use sdists of these projects; :all:, :none:, or names with commas between.")
	r.add(&formatValue{&o.formats, false}, "no-binary", "", "names", "Never use wheels of these projects.")
	r.on(&o.preferBinary, "prefer-binary", "", "Prefer an older wheel to a newer sdist.")
	r.on(&o.pre, "pre", "", "Include pre-releases and development versions.")
	r.add(&releaseValue{&o.releases, true}, "all-releases", "", "names", "Include pre-releases of these projects.")
	r.add(&releaseValue{&o.releases, false}, "only-final", "", "names", "Never use pre-releases of these projects.")
}

// requirementOptions say what is wanted.
type requirementOptions struct {
	files       []string
	constraints []string
	editables   []string
	sources     sourceOptions
}

func (o *requirementOptions) register(r *registry) {
	r.heading("Requirements")
	r.list(&o.files, "requirement", "r", "file", "Take requirements from this file; repeatable.")
	o.sources.register(r)
	r.list(&o.constraints, "constraint", "c", "file", "Constrain versions by this file; repeatable.")
	r.list(&o.editables, "editable", "e", "path", "Refused: an editable install cannot work on another machine.")
	r.note("editable", refusedAnnotation, "an editable install points at a folder of this machine; without -e the project is built and installed as it is")
	r.group = hiddenGroup
}

// installOptions say where the result goes and how.
type installOptions struct {
	target, prefix  string
	upgrade         bool
	strategy        string
	forceReinstall  bool
	ignoreInstalled bool
	dryRun          bool
	report          string
	overwrite       bool
	noNativeCheck   bool
	root            string
	noWarnConflicts bool
	breakSystem     bool
	noScripts       bool
	shebang         string
}

// registerBuildCompatibility adds what pip knows about builds and has no effect.
func registerBuildCompatibility(r *registry) {
	r.ignored("use-pep517", false, "projects are always built by their backend (PEP 517)")
	r.ignored("no-clean", false, "the folder of a build is always removed; the log of one that failed is kept")
	r.ignored("check-build-dependencies", false, "build requirements are resolved like all others, so they fit together")
	r.ignored("src", true, "nothing is checked out for editing")
	for _, name := range []string{"source", "source-dir", "source-directory"} {
		r.alias(name, "src")
	}
}

func (o *installOptions) register(r *registry) {
	r.heading("Host prefix (where the packages go)")
	r.path(&o.target, "target", "t", "dir", "Install flat into this folder, as pip does.")
	r.note("target", differsAnnotation, "a folder that is there is a prefix: what is installed in it is seen, kept, upgraded and removed by its RECORD")
	r.path(&o.prefix, "prefix", "", "dir", "Install below this folder in the host's own layout.")
	r.note("prefix", differsAnnotation, "the layout is that of the host")
	r.text(&o.root, "root", "", "dir", "Install as if this folder were the root of the file system: --prefix is below it.")
	r.note("root", differsAnnotation, "another host needs --prefix with it; --target excludes it")
	r.on(&o.dryRun, "dry-run", "", "Say what would be installed and change nothing.")
	r.path(&o.report, "report", "", "file", "Write what was chosen as JSON (pip's report, version 1); - is standard output.")
	r.note("report", differsAnnotation, "the environment is the host's; there is one key more, xpip")
	r.on(&o.upgrade, "upgrade", "U", "Upgrade what is asked for to the newest version that fits.")
	o.strategy = "only-if-needed"
	r.choice(&o.strategy, "upgrade-strategy", "only-if-needed|eager", []string{"only-if-needed", "eager"}, "Whether --upgrade also upgrades dependencies. [default: only-if-needed]")
	r.on(&o.forceReinstall, "force-reinstall", "", "Install again even what is up to date.")
	r.on(&o.ignoreInstalled, "ignore-installed", "I", "Do not look at what is installed; overwrite it.")
	r.note("ignore-installed", differsAnnotation, "what is overwritten is removed first, by its RECORD")
	r.on(&o.overwrite, "allow-overwrite", "", "Let a distribution replace files of another one or of nobody.")
	r.on(&o.noNativeCheck, "no-native-check", "", "Only warn about native content that does not fit the host.")
	r.on(&o.noScripts, "no-scripts", "", "Make no scripts.")
	r.text(&o.shebang, "script-shebang", "", "line", "What stands behind #! in scripts, such as /usr/bin/python3. [default: the host's Python, or a search for it]")
	r.on(&o.breakSystem, "break-system-packages", "", "Change an environment that belongs to another package manager (EXTERNALLY-MANAGED), and what one installed.")
	r.note("break-system-packages", differsAnnotation, "it is about the environment of --python, and also gives leave to replace what conda or another package manager put into it")
	r.own("allow-overwrite", "no-native-check", "no-scripts")
	r.ownBut("script-shebang", "", "what scripts are run by is not for a project to choose: set XPIP_SCRIPT_SHEBANG")
	r.on(&o.noWarnConflicts, "no-warn-conflicts", "", "Do not say which requirements of installed packages are not met afterwards.")
	r.ignored("compile", false, "no bytecode is written: it would be for the Python of the build machine")
	r.ignored("no-compile", false, "no bytecode is ever written")
	r.ignored("no-user", false, "there are no user installs")
	r.ignored("no-warn-script-location", false, "xpip does not warn of it: the programs are for another machine")
	r.ignoredChoice("root-user-action", []string{"warn", "ignore"}, nil, "xpip does not warn of it")
	registerBuildCompatibility(r)
	r.refused("user", false, "it installs for the Python that runs pip; xpip installs for a host: use --target or --prefix")
}
