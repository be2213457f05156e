package simple

import "strings"

// scan reads anchors as programs write them: <a name="value" …> in lower case,
// then text without markup, then </a>, <br/> or <br> and white space between. It
// stops before the first thing that is anything else, where a tokenizer can go
// on, and returns how many bytes it read.
func (p *htmlParser) scan(doc string) (read int) {
	rest := doc
	for {
		lt := strings.IndexByte(rest, '<')
		if lt < 0 {
			return len(doc) - len(rest)
		}
		tag := rest[lt:]
		if after, ok := cutPlainTag(tag); ok {
			rest = after
			continue
		}
		after, ok := p.scanAnchor(tag)
		if !ok {
			return len(doc) - len(tag)
		}
		rest = after
	}
}

// cutPlainTag takes off a tag that says nothing.
func cutPlainTag(tag string) (string, bool) {
	for _, plain := range [...]string{"</a>", "<br/>", "<br>", "<br />"} {
		if after, ok := strings.CutPrefix(tag, plain); ok {
			return after, true
		}
	}
	return "", false
}

func (p *htmlParser) scanAnchor(tag string) (after string, ok bool) {
	rest, ok := strings.CutPrefix(tag, "<a ")
	if !ok {
		return "", false
	}
	var a anchor
	for {
		rest = strings.TrimLeft(rest, " \n")
		eq := strings.IndexByte(rest, '=')
		if eq <= 0 || eq+1 >= len(rest) || rest[eq+1] != '"' || !isAttributeName(rest[:eq]) {
			return "", false
		}
		key := rest[:eq]
		rest = rest[eq+2:]
		quote := strings.IndexByte(rest, '"')
		if quote < 0 || quote+1 >= len(rest) || quote > maxToken/2 {
			return "", false
		}
		raw := rest[:quote]
		var val string
		if key == "data-requires-python" {
			val, ok = p.scanPython(raw)
		} else {
			val, ok = unescape(raw)
		}
		if !ok {
			return "", false
		}
		a.set(key, val)
		switch rest = rest[quote+1:]; rest[0] {
		case '>':
			p.anchor(&a)
			return rest[1:], true
		case ' ', '\n':
		default:
			return "", false
		}
	}
}

func isAttributeName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}

// scanPython unescapes each of the few distinct values once.
func (p *htmlParser) scanPython(raw string) (string, bool) {
	if val, ok := p.python[raw]; ok {
		return val, true
	}
	val, ok := unescape(raw)
	if ok {
		p.python[raw] = val
	}
	return val, ok
}

// entities are the references that programs write.
var entities = [...]struct{ name, char string }{
	{"&gt;", ">"}, {"&lt;", "<"}, {"&amp;", "&"}, {"&quot;", `"`}, {"&#39;", "'"}, {"&#x27;", "'"}, {"&#34;", `"`},
}

// unescape decodes an attribute's value; false when it needs more than that.
func unescape(raw string) (string, bool) {
	if strings.IndexByte(raw, '\r') >= 0 {
		return "", false // the tokenizer normalises it
	}
	amp := strings.IndexByte(raw, '&')
	if amp < 0 {
		return raw, true
	}
	var b strings.Builder
next:
	for {
		b.WriteString(raw[:amp])
		raw = raw[amp:]
		for _, e := range entities {
			if after, ok := strings.CutPrefix(raw, e.name); ok {
				b.WriteString(e.char)
				raw = after
				if amp = strings.IndexByte(raw, '&'); amp < 0 {
					b.WriteString(raw)
					return b.String(), true
				}
				continue next
			}
		}
		return "", false
	}
}
