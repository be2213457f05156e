package main

// A peerCase is one command line that pip and xpip are given. Words are split
// at spaces; · is a space within a word. $INDEX, $FILES and $FOREIGN stand for
// the index, the folder of its files, and what pip demands of a foreign host;
// $HASH(name) for the SHA-256 of a file of the index.
type peerCase struct {
	name  string
	given []string          // command lines that go before, which must succeed
	files map[string]string // made in the working directory
	run   string
	env   []string
}

// Every case runs in a fresh virtual environment and a fresh working directory,
// and what is compared is the exit code, the lines that people and tools look
// for, every file in both folders, and the JSON of a --report report.json.
var peerCases = []peerCase{
	// Into the environment.
	{name: "install the newest", run: "install $INDEX alpha"},
	{name: "install with dependencies", run: "install $INDEX beta"},
	{name: "install several", run: "install $INDEX delta alpha==1.0 odd-name-x"},
	{name: "install an extra", run: "install $INDEX alpha[more]"},
	{name: "install two extras", run: "install $INDEX alpha[more,most]"},
	{name: "extra that is not there", run: "install $INDEX alpha[less]"},
	{name: "install without dependencies", run: "install $INDEX --no-deps beta"},
	{name: "install only dependencies", run: "install $INDEX --only-deps beta"},
	{name: "range", run: "install $INDEX alpha>=1.0,<2"},
	{name: "compatible release", run: "install $INDEX alpha~=1.0"},
	{name: "exclusion", run: "install $INDEX alpha!=2.0"},
	{name: "arbitrary equality", run: "install $INDEX alpha===1.1"},
	{name: "version in another spelling", run: "install $INDEX alpha==1.0.0"},
	{name: "pre-releases", run: "install $INDEX --pre alpha"},
	{name: "pre-releases of one project", run: "install $INDEX --all-releases alpha alpha gamma"},
	{name: "pre-release asked for", run: "install $INDEX alpha==2.1rc1"},
	{name: "only pre-releases there", run: "install $INDEX unripe"},
	{name: "only final releases", run: "install $INDEX --only-final unripe unripe"},
	{name: "circle", run: "install $INDEX round"},
	{name: "markers of dependencies", run: "install $INDEX marked"},
	{name: "marker that does not hold", run: "install $INDEX alpha;·sys_platform=='nowhere' gamma"},
	{name: "marker that does not hold, alone", run: "install $INDEX alpha;·sys_platform=='nowhere'"},
	{name: "machine code", run: "install $INDEX machine"},
	{name: "best tag", run: "install $INDEX best-tag"},
	{name: "build tags", run: "install $INDEX rebuilt"},
	{name: "programs", run: "install $INDEX tool"},
	{name: "yanked passed over", run: "install $INDEX regretted"},
	{name: "yanked asked for", run: "install $INDEX regretted==1.0"},
	{name: "everything yanked", run: "install $INDEX all-regretted"},
	{name: "another Python's passed over", run: "install $INDEX ahead"},
	{name: "another Python's asked for", run: "install $INDEX ahead==2.0"},
	{name: "another Python's alone", run: "install $INDEX far-ahead"},
	{name: "another Python's, ignored", run: "install $INDEX --ignore-requires-python far-ahead"},
	{name: "nothing of that name", run: "install $INDEX nothing-there"},
	{name: "no such version", run: "install $INDEX alpha==9"},
	{name: "no wheel for this machine", run: "install $INDEX abroad"},
	{name: "dependency that is nowhere", run: "install $INDEX wants-nothing-there"},
	{name: "dependency without such a version", run: "install $INDEX wants-newer"},
	{name: "conflict", run: "install $INDEX delta epsilon"},
	{name: "conflict with what is asked for", run: "install $INDEX delta gamma==2.0"},
	{name: "asked for twice, at odds", run: "install $INDEX gamma==1.0 gamma==2.0"},
	{name: "asked for twice, at one", run: "install $INDEX gamma gamma<2"},
	{name: "older than", run: "install $INDEX --uploaded-prior-to 2024-03-01 alpha"},
	{name: "older than, no date", run: "install $INDEX --uploaded-prior-to yesterday alpha"},

	// What is installed already.
	{name: "satisfied", given: []string{"install $INDEX alpha==1.0"}, run: "install $INDEX alpha"},
	{name: "satisfied with dependencies", given: []string{"install $INDEX beta==1.0"}, run: "install $INDEX beta"},
	{name: "not satisfied", given: []string{"install $INDEX alpha==1.0"}, run: "install $INDEX alpha>1"},
	{name: "upgrade", given: []string{"install $INDEX alpha==1.1"}, run: "install $INDEX -U alpha"},
	{name: "upgrade only if needed", given: []string{"install $INDEX beta==1.0 gamma==1.5"}, run: "install $INDEX -U beta"},
	{name: "upgrade eagerly", given: []string{"install $INDEX beta==1.0 gamma==1.5"}, run: "install $INDEX --upgrade --upgrade-strategy eager beta"},
	{name: "upgrade to the same", given: []string{"install $INDEX alpha"}, run: "install $INDEX -U alpha"},
	{name: "reinstall", given: []string{"install $INDEX alpha==1.0"}, run: "install $INDEX --force-reinstall alpha==1.0"},
	{name: "conflicts are not warned of", given: []string{"install $INDEX epsilon"}, run: "install $INDEX --no-warn-conflicts gamma==1.0"},
	{name: "ignore what is installed", given: []string{"install $INDEX alpha==1.1"}, run: "install $INDEX -I alpha==1.1"},
	{name: "downgrade", given: []string{"install $INDEX alpha"}, run: "install $INDEX alpha==1.0"},
	{name: "at odds with what is installed", given: []string{"install $INDEX epsilon"}, run: "install $INDEX gamma==1.0"},
	{name: "dry run over what is installed", given: []string{"install $INDEX beta==1.0"}, run: "install $INDEX --dry-run -U beta alpha"},

	// Reports.
	{name: "report", run: "install $INDEX --dry-run --report report.json alpha[more] Odd_Name.x"},
	{name: "report of an installation", run: "install $INDEX --report report.json tool"},
	{name: "report of a yanked version", run: "install $INDEX --dry-run --report report.json regretted==1.0"},
	{name: "report of a URL", run: "install $INDEX --dry-run --report report.json $FILES/beta-2.0-py3-none-any.whl"},
	{name: "quiet report", run: "install $INDEX --dry-run -q --report report.json gamma"},
	{name: "nothing to report", given: []string{"install $INDEX gamma"}, run: "install $INDEX --dry-run --report report.json gamma"},

	// URLs and files.
	{name: "wheel by URL", run: "install $INDEX $FILES/beta-1.0-py3-none-any.whl"},
	{name: "wheel by name and URL", run: "install $INDEX beta·@·$FILES/beta-1.0-py3-none-any.whl"},
	{name: "another name than the URL's", run: "install $INDEX gamma·@·$FILES/beta-1.0-py3-none-any.whl"},
	{name: "URL with its hash", run: "install $INDEX $FILES/gamma-1.0-py3-none-any.whl#sha256=$HASH(gamma-1.0-py3-none-any.whl)"},
	{name: "URL with a wrong hash", run: "install $INDEX $FILES/gamma-1.0-py3-none-any.whl#sha256=0000000000000000000000000000000000000000000000000000000000000000"},
	{name: "wheel by path", given: []string{"download $INDEX -d w gamma==1.0"}, run: "install ./w/gamma-1.0-py3-none-any.whl"},
	{name: "wheel of another machine by path", given: []string{"download $INDEX $FOREIGN --platform win_amd64 -d w abroad"}, run: "install ./w/abroad-1.0-$PYTHON-$PYTHON-win_amd64.whl"},
	{name: "path without a file", run: "install ./nothing-1.0-py3-none-any.whl"},
	{name: "folder without a project", files: map[string]string{"empty/readme": ""}, run: "install ./empty"},
	{name: "project folder", files: project, run: "install --no-index ./project"},
	{name: "find links", given: []string{"download $INDEX -d w beta==1.0"}, run: "install --no-index -f w beta"},
	{name: "find links without the dependency", given: []string{"download $INDEX --no-deps -d w beta==1.0"}, run: "install --no-index -f w beta"},
	{name: "no index", run: "install --no-index alpha"},
	{name: "editable by name", run: "install $INDEX -e alpha"},

	// Requirements files.
	{name: "requirements file", files: map[string]string{"r.txt": "# comment\nalpha==1.0  # here\nbeta \\\n  ==1.0\n-r more.txt\n", "more.txt": "gamma<2\n"}, run: "install $INDEX -r r.txt"},
	{name: "constraints", files: map[string]string{"c.txt": "gamma==1.0\nalpha==1.0\n"}, run: "install $INDEX -c c.txt beta"},
	{name: "constraints at odds", files: map[string]string{"c.txt": "gamma==1.0\n"}, run: "install $INDEX -c c.txt epsilon"},
	{name: "constraint with an extra", files: map[string]string{"c.txt": "alpha[more]==2.0\n"}, run: "install $INDEX -c c.txt alpha"},
	{name: "bad line", files: map[string]string{"r.txt": "alpha\nfoo bar\n"}, run: "install $INDEX -r r.txt"},
	{name: "single equals", run: "install $INDEX alpha=1.0"},
	{name: "no requirement at all", run: "install $INDEX alpha>=banana"},
	{name: "option of the command in a file", files: map[string]string{"r.txt": "--platform=win_amd64\nalpha\n"}, run: "install $INDEX -r r.txt"},
	{name: "missing file", run: "install $INDEX -r gone.txt"},
	{name: "missing constraints", run: "install $INDEX -c gone.txt alpha"},
	{name: "empty file", files: map[string]string{"r.txt": "# nothing\n"}, run: "install $INDEX -r r.txt"},
	{name: "file that reads itself", files: map[string]string{"r.txt": "-r r.txt\n"}, run: "install $INDEX -r r.txt"},
	{name: "variables in a file", files: map[string]string{"r.txt": "alpha==${WANTED}\n"}, env: []string{"WANTED=1.1"}, run: "install $INDEX -r r.txt"},
	{name: "markers in a file", files: map[string]string{"r.txt": "alpha; python_version < '3'\ngamma; python_version >= '3'\n"}, run: "install $INDEX -r r.txt"},

	// Hashes.
	{name: "hash that fits", files: map[string]string{"r.txt": "gamma==1.0 --hash=sha256:$HASH(gamma-1.0-py3-none-any.whl)\n"}, run: "install $INDEX -r r.txt"},
	{name: "hash that does not fit", files: map[string]string{"r.txt": "gamma==1.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n"}, run: "install $INDEX -r r.txt"},
	{name: "hashes required and missing", files: map[string]string{"r.txt": "gamma==1.0\n"}, run: "install $INDEX --require-hashes -r r.txt"},
	{name: "hashed and not pinned", files: map[string]string{"r.txt": "gamma>=1.0 --hash=sha256:$HASH(gamma-1.0-py3-none-any.whl)\n"}, run: "install $INDEX -r r.txt"},
	{name: "dependency without a hash", files: map[string]string{"r.txt": "beta==1.0 --hash=sha256:$HASH(beta-1.0-py3-none-any.whl)\n"}, run: "install $INDEX -r r.txt"},
	{name: "hashes not required", files: map[string]string{"r.txt": "beta==1.0 --hash=sha256:$HASH(beta-1.0-py3-none-any.whl)\n"}, run: "install $INDEX --no-require-hashes -r r.txt"},

	// Other places.
	{name: "target", run: "install $INDEX -t out tool machine"},
	{name: "target that is there", given: []string{"install $INDEX -t out alpha==1.0"}, run: "install $INDEX -t out alpha==1.1"},
	{name: "target upgraded", given: []string{"install $INDEX -t out alpha==1.0"}, run: "install $INDEX -t out -U alpha"},
	{name: "prefix", run: "install $INDEX --prefix out tool"},
	{name: "root", run: "install $INDEX --root out tool"},
	{name: "root and prefix", run: "install $INDEX --root out --prefix /opt/app tool"},
	{name: "target and prefix", run: "install $INDEX -t out --prefix other gamma"},
	{name: "user", run: "install $INDEX --user gamma"},

	// download and wheel.
	{name: "download", run: "download $INDEX -d w beta"},
	{name: "download here", run: "download $INDEX --no-deps gamma"},
	{name: "download again", given: []string{"download $INDEX -d w gamma"}, run: "download $INDEX -d w gamma"},
	{name: "download nothing of that name", run: "download $INDEX nothing-there"},
	{name: "wheel", run: "wheel $INDEX -w w beta tool"},
	{name: "wheel of a folder", files: project, run: "wheel --no-index -w w ./project"},
	{name: "wheel of nothing", run: "wheel $INDEX"},

	// Another machine.
	{name: "foreign target", run: "install $INDEX $FOREIGN --platform win_amd64 -t out machine"},
	{name: "foreign download", run: "download $INDEX $FOREIGN --platform win_amd64 -d w machine abroad"},
	{name: "foreign with markers", run: "install $INDEX $FOREIGN --platform win_amd64 -t out marked"},
	{name: "foreign version", run: "install $INDEX --only-binary=:all: --python-version 3.4 -t out ahead"},
	{name: "foreign dry run", run: "install $INDEX $FOREIGN --platform win_amd64 --dry-run --report report.json abroad"},
	{name: "no wheel for the foreign machine", run: "install $INDEX $FOREIGN --platform macosx_11_0_arm64 -t out machine"},
	{name: "foreign without only-binary", run: "install $INDEX --platform win_amd64 -t out gamma"},
	{name: "foreign without target", run: "install $INDEX $FOREIGN --platform win_amd64 gamma"},
	{name: "platform that is none", run: "install $INDEX $FOREIGN --platform nowhere_1_0 -t out machine"},
	{name: "bad Python version", run: "install $INDEX $FOREIGN --python-version 3.x -t out gamma"},
	{name: "two platforms", run: "install $INDEX $FOREIGN --platform win32 --platform win_amd64 -t out machine"},
	{name: "pure implementation", run: "install $INDEX --only-binary=:all: --implementation py --abi none --platform any -t out best-tag"},

	{name: "foreign without a Python version", run: "install $INDEX --only-binary=:all: --platform win_amd64 --dry-run abroad"},

	// What is no command line.
	{name: "nothing asked for", run: "install"},
	{name: "unknown option", run: "install --frobnicate alpha"},
	{name: "ambiguous option", run: "install --no-b alpha"},
	{name: "beginning of an option", run: "install $INDEX --no-dep beta"},
	{name: "value missing", run: "install alpha -r"},
	{name: "value not wanted", run: "install --no-index=yes alpha"},
	{name: "bad choice", run: "install $INDEX --upgrade-strategy sometimes alpha"},
	{name: "bad number", run: "install $INDEX --retries many alpha"},
	{name: "unknown command", run: "instal alpha"},
	{name: "unknown feature", run: "install $INDEX --use-feature=telepathy alpha"},
	{name: "both deps options", run: "install $INDEX --no-deps --only-deps beta"},
	{name: "bad value in a variable", env: []string{"PIP_RETRIES=many"}, run: "install $INDEX alpha"},
	{name: "bad switch in a variable", env: []string{"PIP_PRE=perhaps"}, run: "install $INDEX alpha"},
	{name: "option in a variable", env: []string{"PIP_PRE=yes"}, run: "install $INDEX alpha"},
	{name: "isolated", env: []string{"PIP_PRE=yes"}, run: "install --isolated $INDEX alpha"},
	{name: "quiet", run: "install -q $INDEX regretted==1.0"},
	{name: "quieter", run: "install -qq $INDEX regretted==1.0"},
	{name: "quietest failure", run: "install -qqq $INDEX nothing-there"},
	{name: "quieter failure", run: "install -qq $INDEX nothing-there"},
	{name: "requires a virtual environment", run: "install --require-virtualenv $INDEX gamma"},
	{name: "known feature", run: "install --use-feature=fast-deps $INDEX gamma"},
	{name: "no binary there is", run: "install $INDEX --no-binary :all: alpha"},
	{name: "no binary of one", run: "install $INDEX --no-binary gamma beta"},
	{name: "no binary, then binary", run: "install $INDEX --no-binary=:all: --only-binary=:all: gamma"},
	{name: "prefer binary", run: "install $INDEX --prefer-binary gamma"},
	{name: "dependency group", files: map[string]string{"pyproject.toml": "[dependency-groups]\ntest = [\"gamma<2\", {include-group = \"more\"}]\nmore = [\"alpha==1.0\"]\n"}, run: "install $INDEX --group test"},
	{name: "group that is not there", files: map[string]string{"pyproject.toml": "[dependency-groups]\ntest = []\n"}, run: "install $INDEX --group docs"},
	{name: "group without a file", run: "install $INDEX --group docs"},
	{name: "requirements of a script", files: map[string]string{"s.py": "# /// script\n# dependencies = [\"gamma<2\"]\n# ///\n"}, run: "install $INDEX --requirements-from-script s.py"},
	{name: "script without requirements", files: map[string]string{"s.py": "print()\n"}, run: "install $INDEX --requirements-from-script s.py"},
	{name: "index in a file", files: map[string]string{"r.txt": "$INDEX\n--pre\nalpha\n"}, run: "install -r r.txt"},
	{name: "no index in a file", files: map[string]string{"r.txt": "--no-index\nalpha\n"}, run: "install $INDEX -r r.txt"},
	{name: "several hashes", files: map[string]string{"r.txt": "gamma==1.0 \\\n  --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000 \\\n  --hash=sha256:$HASH(gamma-1.0-py3-none-any.whl)\n"}, run: "install $INDEX -r r.txt"},
	{name: "hash of no algorithm", files: map[string]string{"r.txt": "gamma==1.0 --hash=md5:00\n"}, run: "install $INDEX -r r.txt"},
	{name: "hash alone", files: map[string]string{"r.txt": "--hash=sha256:00\ngamma\n"}, run: "install $INDEX -r r.txt"},
	{name: "project named in a line with an option", files: map[string]string{"r.txt": "gamma --frobnicate\n"}, run: "install $INDEX -r r.txt"},
	{name: "path in a file", files: map[string]string{"r.txt": "./nowhere\n"}, run: "install $INDEX -r r.txt"},
	{name: "configuration file", files: map[string]string{"pip.conf": "[global]\npre = yes\n[install]\nno-deps = yes\n"}, env: []string{"PIP_CONFIG_FILE=pip.conf"}, run: "install $INDEX alpha beta"},
	{name: "broken configuration file", files: map[string]string{"pip.conf": "pre = yes\n"}, env: []string{"PIP_CONFIG_FILE=pip.conf"}, run: "install $INDEX alpha"},
	{name: "option before the command", run: "-q install $INDEX gamma"},
	{name: "no progress", run: "install --progress-bar off $INDEX gamma"},
	{name: "everything after dashes", run: "install $INDEX -- gamma"},
	{name: "uninstall", given: []string{"install $INDEX beta tool"}, run: "uninstall -y beta tool"},
	{name: "uninstall what is not there", run: "uninstall -y gamma"},
	{name: "uninstall by file", given: []string{"install $INDEX beta"}, files: map[string]string{"r.txt": "beta\ngamma\n"}, run: "uninstall -y -r r.txt"},
	{name: "check of what does not fit", given: []string{"install $INDEX --no-deps delta gamma"}, run: "check"},
	{name: "hash of a file", given: []string{"download $INDEX --no-deps gamma"}, run: "hash gamma-2.0-py3-none-any.whl"},
	{name: "wheel whose name is none", files: map[string]string{"nonsense.whl": ""}, run: "install ./nonsense.whl"},
	{name: "wheel that is no archive", files: map[string]string{"x-1.0-py3-none-any.whl": "text"}, run: "install ./x-1.0-py3-none-any.whl"},
	{name: "index that is not there", run: "install --retries 0 -i http://127.0.0.1:9/simple/ alpha"},
	{name: "extra that a marker needs", run: "install $INDEX alpha[more]==2.0 --dry-run --report report.json"},
	{name: "index versions", run: "index versions $INDEX alpha"},
	{name: "index versions of nothing", run: "index versions $INDEX nothing-there"},
}

// project is a folder that builds itself: it needs no tool and no network.
var project = map[string]string{
	"project/pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = \"own\"\nbackend-path = [\".\"]\n[project]\nname = \"self-made\"\nversion = \"1.0\"\n",
	"project/own.py": `import base64, hashlib, os, zipfile

INFO = "self_made-1.0.dist-info/"

def get_requires_for_build_wheel(config_settings=None):
    return []

def put(z, name, text):
    z.writestr(zipfile.ZipInfo(name), text)  # always the same time

def record(z):
    rows = ""
    for name in z.namelist():
        content = z.read(name)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows += f"{name},sha256={digest},{len(content)}\n"
    return rows

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "self_made-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as z:
        put(z, "self_made.py", "V = 1\n")
        put(z, INFO + "METADATA", "Metadata-Version: 2.1\nName: self-made\nVersion: 1.0\n")
        put(z, INFO + "WHEEL", "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        put(z, INFO + "RECORD", record(z) + INFO + "RECORD,,\n")
    return name
`,
}
