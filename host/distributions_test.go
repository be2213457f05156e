package host

import (
	"errors"
	"strings"
	"testing"
)

func TestDistributions(t *testing.T) {
	for name, want := range map[string]string{
		"debian-12":            "manylinux_2_36_x86_64 x86_64, Debian 12, glibc 2.36",
		"debian:bookworm-slim": "manylinux_2_36_x86_64 x86_64, Debian 12, glibc 2.36",
		"debian-13-arm64":      "manylinux_2_41_aarch64 : Debian 13, glibc 2.41",
		"debian-11-armhf":      "manylinux_2_31_armv7l : Debian 11",
		"registry.example.com/library/ubuntu:22.04": "manylinux_2_35_x86_64 Ubuntu 22.04",
		"Ubuntu 24.04 arm64":                        "manylinux_2_39_aarch64 Ubuntu 24.04",
		"jammy":                                     "manylinux_2_35_x86_64 Ubuntu 22.04",
		"rockylinux:9.4":                            "manylinux_2_34_x86_64 Enterprise Linux 9",
		"rhel8-s390x":                               "manylinux_2_28_s390x Enterprise Linux 8",
		"amazonlinux:2023":                          "manylinux_2_34_x86_64 Amazon Linux 2023",
		"amazonlinux-2":                             "manylinux_2_26_x86_64 Amazon Linux 2",
		"alpine:3.20":                               "musllinux_1_2_x86_64 Alpine Linux 3.20, musl 1.2",
		"alpine-3.12-arm64":                         "musllinux_1_1_aarch64 Alpine Linux 3.12, musl 1.1",
	} {
		h := mustNew(t, Options{Platforms: []string{name}})
		platform, note, _ := strings.Cut(want, " ")
		if notes := strings.Join(h.Notes(), "\n"); h.Platform() != platform || !strings.Contains(notes, note) {
			t.Errorf("%s is %s %q, want %s", name, h.Platform(), notes, want)
		}
	}
	for name, want := range map[string]string{
		"python:3.13-slim-bookworm":  "manylinux_2_36_x86_64 3.13",
		"python:3.12.7-bullseye":     "manylinux_2_31_x86_64 3.12.7",
		"python:3.14-alpine3.22":     "musllinux_1_2_x86_64 3.14",
		"python-3.11-trixie-aarch64": "manylinux_2_41_aarch64 3.11",
	} {
		h := mustNew(t, Options{Platforms: []string{name}})
		if got := h.Platform() + " " + h.Python().String(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"debian": "debian-13", "debian-9": "Of Debian xpip knows", "ubuntu:latest": "", "ubuntu-23.10": "ubuntu-24.04", "alpine-2.0": "alpine-3.3 and newer",
		"debian-12-mips": "", "python:3.13": "", "python:3.13-slim": "", "debian-12-wasm32": "Of Debian",
	} {
		_, err := New(Options{Platforms: []string{name}})
		var unknown *UnknownPlatformError
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
