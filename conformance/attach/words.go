package attach

import (
	"errors"
	"regexp"
	"strings"
)

// A word of a command line and where it begins.
type word struct {
	text   string
	offset int
}

// splitWords splits as a POSIX shell splits simple words: at blanks, except in single quotes, in double quotes, and after a
// backslash. Nothing is expanded. In double quotes a backslash escapes only itself and the quote.
func splitWords(s string) (words []word, offset int, err error) {
	for i := 0; i < len(s); {
		if isBlank(s[i]) {
			i++
			continue
		}
		w := word{offset: i}
		if w.text, i, err = cutWord(s, i); err != nil {
			return nil, i, err
		}
		words = append(words, w)
	}
	return words, 0, nil
}

// cutWord reads the word at i and returns where it ends, or where the trouble begins.
func cutWord(s string, i int) (text string, end int, err error) {
	var b strings.Builder
	for i < len(s) && !isBlank(s[i]) {
		switch s[i] {
		case '\'':
			n := strings.IndexByte(s[i+1:], '\'')
			if n < 0 {
				return "", i, errors.New("single quote is not closed")
			}
			b.WriteString(s[i+1 : i+1+n])
			i += n + 2
		case '"':
			n, err := cutDoubleQuoted(&b, s[i+1:])
			if err != nil {
				return "", i, err
			}
			i += n + 1
		case '\\':
			if i+1 == len(s) {
				return "", i, errors.New("nothing follows the backslash")
			}
			b.WriteByte(s[i+1])
			i += 2
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String(), i, nil
}

// cutDoubleQuoted appends what stands before the closing quote and returns the bytes consumed, with the quote.
func cutDoubleQuoted(b *strings.Builder, s string) (n int, err error) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i + 1, nil
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return 0, errors.New("double quote is not closed")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

var placeholder = regexp.MustCompile(`\{[A-Za-z_-]+\}`)

// expand replaces each {name} in a word by its value. Other braces stay as they are.
func expand(s string, value func(name string) (string, error)) (string, error) {
	var failed error
	out := placeholder.ReplaceAllStringFunc(s, func(match string) string {
		v, err := value(match[1 : len(match)-1])
		if err != nil && failed == nil {
			failed = err
		}
		return v
	})
	return out, failed
}
