package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/resolver"
)

// pipVersion is the pip whose command line, files and reports xpip follows.
const pipVersion = "26.3"

// installReport is pip's installation report, version 1, with the host's environment
// in place of the build machine's and one key of our own.
type installReport struct {
	Version     string            `json:"version"`
	PipVersion  string            `json:"pip_version"`
	Install     []reportItem      `json:"install"`
	Environment map[string]string `json:"environment"`
	Xpip        reportHost        `json:"xpip"`
}

type reportItem struct {
	DownloadInfo    downloadInfo   `json:"download_info"`
	IsDirect        bool           `json:"is_direct"`
	IsYanked        bool           `json:"is_yanked"`
	Requested       bool           `json:"requested"`
	Metadata        map[string]any `json:"metadata"`
	RequestedExtras []string       `json:"requested_extras,omitempty"`
}

// downloadInfo has the form of direct_url.json.
type downloadInfo struct {
	URL          string             `json:"url"`
	ArchiveInfo  *archiveInfo       `json:"archive_info,omitempty"`
	DirInfo      *struct{}          `json:"dir_info,omitempty"`
	VCSInfo      *installer.VCSInfo `json:"vcs_info,omitempty"`
	Subdirectory string             `json:"subdirectory,omitempty"`
}

// infoOf says where a candidate came from.
func infoOf(f *resolver.File) downloadInfo {
	o := f.Ref.(*origin)
	if o.vcs != nil {
		return downloadInfo{URL: transport.Redact(o.url), VCSInfo: o.vcs, Subdirectory: o.subdirectory}
	}
	if o.file == nil {
		folder := url.URL{Scheme: "file", Path: filepath.ToSlash(o.dir)}
		return downloadInfo{URL: folder.String(), DirInfo: &struct{}{}, Subdirectory: o.subdirectory}
	}
	info := hashes(f.Hashes)
	return downloadInfo{URL: o.file.Redacted(), ArchiveInfo: &info, Subdirectory: o.subdirectory}
}

type archiveInfo struct {
	Hash   string            `json:"hash,omitempty"`
	Hashes map[string]string `json:"hashes,omitempty"`
}

type reportHost struct {
	Version        string   `json:"version"`
	Host           string   `json:"host"`
	Platforms      []string `json:"platforms"`
	UnknownMarkers []string `json:"unknown_markers,omitempty"`
	TagCount       int      `json:"tag_count"`
}

// slicesReport is the report of several slices: one of pip's for each.
type slicesReport struct {
	Version    string           `json:"version"`
	PipVersion string           `json:"pip_version"`
	Slices     []*installReport `json:"slices"`
}

// report writes the report of the slices' resolutions to path; "-" is standard
// output.
func report(ctx context.Context, all []*slice, path string) error {
	out := slicesReport{Version: "1", PipVersion: pipVersion}
	for _, one := range all {
		own, err := one.report(ctx, one.src, one.resolution)
		if err != nil {
			return one.titled(all, err)
		}
		out.Slices = append(out.Slices, own)
	}
	if len(all) == 1 {
		return all[0].writeReport(out.Slices[0], path)
	}
	return all[0].writeReport(out, path)
}

// report makes the report of a resolution.
func (s *session) report(ctx context.Context, src *source, r *resolver.Resolution) (*installReport, error) {
	out := &installReport{
		Version: "1", PipVersion: pipVersion, Install: []reportItem{},
		Environment: s.host.Environment().Map(), Xpip: describeHost(s.host),
	}
	for _, p := range r.Packages {
		file := p.Chosen[0].File
		if p.Installed || file == nil {
			continue
		}
		if err := s.hashDirect(ctx, file); err != nil {
			return nil, err
		}
		metadata, err := src.coreMetadata(ctx, *file)
		if err != nil {
			return nil, err
		}
		item := reportItem{
			DownloadInfo: infoOf(file),
			IsDirect:     p.Direct, IsYanked: file.Yanked, Requested: p.Requested,
			Metadata: metadata.JSON(),
		}
		if p.Requested {
			item.RequestedExtras = p.Extras
		}
		out.Install = append(out.Install, item)
	}
	return out, nil
}

func describeHost(h *host.Host) reportHost {
	env := h.Environment()
	out := reportHost{Version: Version, Host: h.String(), Platforms: h.Platforms(), TagCount: len(h.Tags())}
	for _, name := range env.Names() {
		if value, ok := env.Get(name); ok && !value.Known {
			out.UnknownMarkers = append(out.UnknownMarkers, name)
		}
	}
	return out
}

// hashDirect finds the hash of an archive that was named by a URL without one:
// the report states it, so that a lock can be made of the report.
func (s *session) hashDirect(ctx context.Context, f *resolver.File) error {
	o := f.Ref.(*origin)
	if !o.direct || o.file == nil || o.vcs != nil || len(f.Hashes) > 0 {
		return nil
	}
	blob, err := s.client.Download(ctx, *o.file, nil)
	if err != nil {
		return err
	}
	f.Hashes = map[string]string{"sha256": blob.SHA256}
	return nil
}

// hashes names the strongest hash first, as pip's single "hash" field does.
func hashes(all map[string]string) archiveInfo {
	info := archiveInfo{Hashes: all}
	for _, algorithm := range append([]string{"sha256", "sha512", "sha384"}, slices.Sorted(maps.Keys(all))...) {
		if value := all[algorithm]; value != "" {
			info.Hash = algorithm + "=" + value
			break
		}
	}
	return info
}

// writeReport writes a report to path; "-" is standard output.
func (s *session) writeReport(r any, path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	data = append(data, '\n')
	if path == "-" {
		return s.printer.Result(string(data))
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not write the report: %v", err)}
	}
	return nil
}
