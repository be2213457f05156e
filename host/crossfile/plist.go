package crossfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const plistFormat = "property list"

// Slice is one of the libraries of an XCframework.
type Slice struct {
	// Identifier is the folder of the slice: "ios-arm64_x86_64-simulator".
	Identifier string
	// Path is the library in that folder: "Python.framework".
	Path string
	// Platform is in Apple's words: "ios", "macos", "tvos". Variant is
	// "simulator", "maccatalyst" or "".
	Platform, Variant string
	Architectures     []string
}

// ParseXCFramework reads the Info.plist of an XCframework, in the order of the
// file. Its errors are *SyntaxError.
func ParseXCFramework(text []byte) ([]Slice, error) {
	root, err := ParsePlist(text)
	if err != nil {
		return nil, err
	}
	libraries, ok := root["AvailableLibraries"].([]any)
	if !ok || len(libraries) == 0 {
		return nil, &SyntaxError{Format: "Info.plist of an XCframework", Msg: "it has no AvailableLibraries"}
	}
	slices := make([]Slice, 0, len(libraries))
	for _, library := range libraries {
		fields, _ := library.(map[string]any)
		s := Slice{
			Identifier: plistText(fields, "LibraryIdentifier"), Path: plistText(fields, "LibraryPath"),
			Platform: plistText(fields, "SupportedPlatform"), Variant: plistText(fields, "SupportedPlatformVariant"),
		}
		architectures, _ := fields["SupportedArchitectures"].([]any)
		for _, a := range architectures {
			if name, ok := a.(string); ok {
				s.Architectures = append(s.Architectures, name)
			}
		}
		if s.Platform == "" || len(s.Architectures) == 0 {
			return nil, &SyntaxError{Format: "Info.plist of an XCframework", Msg: fmt.Sprintf("its library %.80q says no SupportedPlatform or no SupportedArchitectures", s.Identifier)}
		}
		slices = append(slices, s)
	}
	return slices, nil
}

func plistText(fields map[string]any, key string) string {
	text, _ := fields[key].(string)
	return text
}

// ParsePlist reads a property list in XML whose root is a dictionary. Values
// are string (also for numbers, dates and data, as they are written), bool,
// []any and map[string]any. Its errors are *SyntaxError.
//
// Source: Apple's PropertyList-1.0 document type.
func ParsePlist(text []byte) (map[string]any, error) {
	if bytes.HasPrefix(text, []byte("bplist")) {
		return nil, &SyntaxError{Format: plistFormat, Msg: "it is a binary one; plutil -convert xml1 makes it readable"}
	}
	p := plistReader{decoder: xml.NewDecoder(bytes.NewReader(text))}
	p.decoder.Entity = map[string]string{} // none but XML's own
	start, err := p.next()
	if err == nil && start.Name.Local == "plist" {
		start, err = p.next()
	}
	if err != nil {
		return nil, err
	}
	value, err := p.value(start, 0)
	if err != nil {
		return nil, err
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, p.fail("its root is no dict")
	}
	return root, nil
}

type plistReader struct {
	decoder *xml.Decoder
	count   int
}

func (p *plistReader) fail(msg string) error {
	line, _ := p.decoder.InputPos()
	return &SyntaxError{Format: plistFormat, Line: line, Msg: msg}
}

// next returns the next element inside the present one; its name is empty at the
// end of that.
func (p *plistReader) next() (xml.StartElement, error) {
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, p.fail("it ends too early")
		}
		if err != nil {
			return xml.StartElement{}, p.fail(err.Error())
		}
		switch t := token.(type) {
		case xml.StartElement:
			if p.count++; p.count > maxKeys {
				return t, p.fail(fmt.Sprintf("more than %d elements", maxKeys))
			}
			return t, nil
		case xml.EndElement:
			return xml.StartElement{}, nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return xml.StartElement{}, p.fail("text stands where an element belongs")
			}
		}
	}
}

func (p *plistReader) value(start xml.StartElement, depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail(fmt.Sprintf("elements are nested more than %d deep", maxDepth))
	}
	switch name := start.Name.Local; name {
	case "dict":
		return p.dict(depth)
	case "array":
		list := []any{}
		for {
			item, err := p.next()
			if err != nil || item.Name.Local == "" {
				return list, err
			}
			value, err := p.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
	case "true", "false":
		_, err := p.text()
		return name == "true", err
	case "string", "integer", "real", "date", "data":
		return p.text()
	default:
		return nil, p.fail(fmt.Sprintf("%.40q is no kind of value", name))
	}
}

func (p *plistReader) dict(depth int) (map[string]any, error) {
	dict := map[string]any{}
	for {
		start, err := p.next()
		if err != nil || start.Name.Local == "" {
			return dict, err
		}
		if start.Name.Local != "key" {
			return nil, p.fail("a value has no key")
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if start, err = p.next(); err != nil {
			return nil, err
		}
		if dict[key], err = p.value(start, depth+1); err != nil {
			return nil, err
		}
	}
}

// text reads up to the end of the present element, which has no others in it.
func (p *plistReader) text() (string, error) {
	var text []byte
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return "", p.fail(err.Error())
		}
		switch t := token.(type) {
		case xml.CharData:
			if text = append(text, t...); len(text) > maxValue {
				return "", p.fail(fmt.Sprintf("a value is longer than %d bytes", maxValue))
			}
		case xml.StartElement:
			return "", p.fail("an element stands where text belongs")
		case xml.EndElement:
			return string(slices.Clone(text)), nil
		}
	}
}
