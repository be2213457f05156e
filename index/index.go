package index

import (
	"log/slog"
	"time"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
)

// File is one distribution file that an index or a find-links location offers.
type File struct {
	Project        string            // normalised name of the project it was listed for
	Filename       string            // one path segment, decoded
	URL            string            // absolute, without fragment; may hold credentials: show Redacted()
	Hashes         map[string]string // algorithm -> lower-case hex; nil when none is announced; never mutate
	RequiresPython string            // as written, entities decoded; "" when not said
	Yanked         bool
	YankedReason   string
	UploadTime     time.Time         // zero when not said
	Size           int64             // bytes; -1 when not said
	HasMetadata    bool              // a PEP 658 sidecar is announced
	MetadataHashes map[string]string // hashes of the sidecar; nil when none is announced
	Index          string            // where it was listed, redacted
	Local          bool              // URL is a file: URL of this machine
}

// Redacted returns the file's URL fit for display: no credentials, no query values.
func (f File) Redacted() string { return transport.Redact(f.URL) }

// IsWheel reports whether the file is a wheel by its name.
func (f File) IsWheel() bool { return simple.IsWheel(f.Filename) }

// Source says what one location contributed to a Listing.
type Source struct {
	Location string // redacted URL or path
	Files    int    // files of the project found there
	Ignored  int    // links on its page that are no wheel or sdist of the project
	Status   int    // HTTP status when it was not a success, else 0

	Project simple.Status // what an index says of the project (PEP 792)
}

// Listing is all that the configured locations offer for one project. Callers
// with the same project share one: it must not be changed.
type Listing struct {
	Project  string
	Releases []Release // oldest first, each version once
	Sources  []Source  // every location asked, in order
	Warnings []string  // for people, each once per client; untrusted text is quoted

	// Strangers are the indexes that have the project, redacted, if there are
	// several and they do not say that it is the same project (PEP 708).
	Strangers []string

	offers []*offer // find-links first, then the indexes in order
}

// Strategy is how several indexes that serve one project are combined.
type Strategy int

const (
	Merge      Strategy = iota // all files of all indexes, as pip does
	FirstIndex                 // only the first index, in order, that has the project
)

// Progress is told about downloads. Its methods are called from several goroutines.
type Progress interface {
	// Started announces a transfer; size is in bytes, -1 when not known.
	Started(filename string, size int64) Transfer
}

// Transfer follows one download.
type Transfer interface {
	Advance(n int64)                // n more bytes have arrived
	Done(fromCache bool, err error) // called once, last
}

// Config is what a Client is made from. The zero value is PyPI without a cache.
type Config struct {
	IndexURL       string   // "" = DefaultURL()
	ExtraIndexURLs []string // URLs, file: URLs or local folders
	FindLinks      []string
	NoIndex        bool
	Strategy       Strategy

	// PassOverUnreachable is pip's way with an extra index to which no
	// connection can be made: the others answer without it, with a warning, for
	// what they have. It needs the strategy Merge. One that answers, be it with
	// an error, is never passed over.
	PassOverUnreachable bool

	Names []Named // by which IndexURL, ExtraIndexURLs and Pins may call indexes
	Pins  []Pin   // projects that are looked for at one place alone

	TrustedHosts []string      // host or host:port
	Cert         string        // CA bundle or folder; "" = REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, else the system's
	ClientCert   string        // PEM with certificate and key
	Proxy        string        // "" = from the environment unless NoProxyEnv
	NoProxyEnv   bool          // do not take proxies from the environment
	Timeout      time.Duration // connecting, waiting for headers, and silence in a body; 0 = 15 s
	Retries      int           // after the first attempt; 0 = 5, negative = none
	UserAgent    string

	Netrc           string // path; "" = NETRC, else the home folder's
	KeyringProvider string // auto (""), disabled, import, subprocess
	NoInput         bool   // never call Prompt
	Prompt          transport.Prompt

	CacheDir        string   // "" = no cache
	Offline         bool     // answer from the cache, whatever its age, and local files alone
	RefreshPackages []string // projects whose pages are revalidated, or ":all:"

	Getenv   func(string) string // nil = os.Getenv
	Log      *slog.Logger        // nil = silent
	OnRetry  func(transport.Retry)
	Progress Progress
}

// Blob is a verified file on this machine.
type Blob struct {
	Path      string
	SHA256    string // lower-case hex
	Size      int64
	FromCache bool
}
