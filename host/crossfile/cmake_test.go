package crossfile

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestCMake(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want map[string]string
	}{
		"plain": {"set(CMAKE_SYSTEM_NAME Linux) # words\nSET( CMAKE_SYSTEM_PROCESSOR\n  aarch64 )\n",
			map[string]string{"CMAKE_SYSTEM_NAME": "Linux", "CMAKE_SYSTEM_PROCESSOR": "aarch64"}},
		"references": {"set(triple aarch64-linux-gnu)\nset(CMAKE_C_COMPILER ${tools}/bin/${triple}-gcc)\nset(CMAKE_C_FLAGS \"--target=${triple} -O2\")",
			map[string]string{"triple": "aarch64-linux-gnu", "CMAKE_C_COMPILER": "/bin/aarch64-linux-gnu-gcc", "CMAKE_C_FLAGS": "--target=aarch64-linux-gnu -O2"}},
		"lists":    {"set(A x y \"z\")", map[string]string{"A": "x;y;z"}},
		"brackets": {"#[[ set(A 1)\n]]\nset(A [=[${x}]]]=])\n#[==[ open", map[string]string{"A": "${x}]]"}},
		"escapes":  {`set(A "a\"b\\c" d\ e)`, map[string]string{"A": `a"b\c;d e`}},
		"unset":    {"set(A 1)\nset(B 2)\nset(A)\nunset(B)\n", map[string]string{}},
		"cache": {"set(A 1)\nset(A 2 CACHE STRING \"words\")\nset(B 3 CACHE PATH \"\" FORCE)\n",
			map[string]string{"A": "1", "B": "3"}},
		"environment": {"set(A $ENV{HOME}/x)\nset(B ${A})\nset(C ${CMAKE_CURRENT_LIST_DIR}/x)", map[string]string{}},
		"defined": {"if(NOT DEFINED A)\n set(A 1)\nendif()\nif(DEFINED A)\n set(B 2)\nelse()\n set(B 3)\nendif(DEFINED A)\nif(NOT DEFINED A)\nset(A 4)\nelseif(x)\nset(A 5)\nendif()",
			map[string]string{"B": "2"}},
		"conditions": {"set(A 1)\nset(B 1)\nset(C 1)\nif(WIN32)\n set(A 2)\n set(B 1)\nelse()\n set(C 2)\nendif()\n", map[string]string{"B": "1"}},
		"loops":      {"set(A 1)\nset(B 1)\nforeach(x a b)\n set(A ${x})\nendforeach()\nfunction(f)\n set(B 2)\nendfunction()\n", map[string]string{"B": "1"}},
		"return":     {"set(A 1)\nreturn()\nset(A 2)\n", map[string]string{"A": "1"}},
		"maybe return": {"set(A 1)\nif(x)\nreturn()\nendif()\nset(B 2)\n",
			map[string]string{"A": "1", "B": "2"}},
		"other commands": {"set(A 1)\nset(B 2)\nset(C 3)\nset(D 4)\nstring(TOLOWER ${A} B)\nlist(APPEND C D)\nmessage(STATUS A)\nproject(\"A\")",
			map[string]string{"A": "1", "D": "4"}},
		"parentheses": {"if((A) AND (B))\nendif()\nset(A 1)", map[string]string{"A": "1"}},
		"indirect":    {"set(n A)\nset(${n} 1)\nset(B ${${n}})", map[string]string{"n": "A", "A": "1"}},
	} {
		got, err := ParseCMake([]byte(test.text))
		if err != nil || !maps.Equal(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
}

func TestCMakeRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"words":                       "line 1: no command",
		"\nset(A":                     "line 2: an argument does not end",
		"set(A 1":                     "an argument does not end",
		"set(A 1 ":                    "set() does not end",
		"set(A \"x":                   "an argument does not end",
		"set(A [[x":                   "set() does not end",
		"set()":                       "set() names no variable",
		"{}()":                        "is no command",
		"endif()":                     "endif() closes nothing",
		"else()":                      "else() is in no if()",
		"foreach(a)\nendif()":         "endif() closes nothing",
		"if(A)\n":                     "endif() is missing",
		"\xff":                        "it is not UTF-8",
		strings.Repeat("if(A)\n", 40): "nested more than 32 deep",
		"set(A " + strings.Repeat("x ", 40000) + ")": "more than 10000 arguments",
		manySets(maxKeys + 2):                        "more than 10000 variables",
	} {
		_, err := ParseCMake([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	// What doubles again and again is not put together.
	text := "set(A x)\n" + strings.Repeat("set(A \"${A}${A}\")\n", 60)
	if got, err := ParseCMake([]byte(text)); err != nil || got["A"] != "" {
		t.Errorf("%d bytes, %v", len(got["A"]), err)
	}
}

func manySets(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "set(A%d 1)\n", i)
	}
	return b.String()
}

func FuzzCMake(f *testing.F) {
	f.Add([]byte("set(A ${B}/x \"y\")\nif(NOT DEFINED C)\nset(C [[z]])\nelse()\nendif()\n# end"))
	f.Add([]byte("function(f)\nendfunction()\nlist(APPEND A b)\nset(A 1 CACHE STRING \"\" FORCE)"))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := ParseCMake(text)
		for name, value := range values {
			if len(value) > 2*maxValue || len(values) > 2*maxKeys {
				t.Fatalf("%d bytes in %q, %v", len(value), name, err)
			}
		}
	})
}
