package conformance

import (
	"fmt"
	"path"
	"strings"
)

// MatchID says whether a case's ID matches a glob. Within a segment the glob is that of path.Match (* ? [a-z]), which does not cross
// a slash; a segment ** stands for any number of segments, none included. An error wraps path.ErrBadPattern.
func MatchID(glob, id string) (bool, error) {
	segments := strings.Split(glob, "/")
	for _, s := range segments {
		if _, err := path.Match(s, ""); err != nil {
			return false, fmt.Errorf("conformance: glob %q: %w", glob, err)
		}
	}
	return matchSegments(segments, strings.Split(id, "/")), nil
}

func matchSegments(globs, segments []string) bool {
	if len(globs) == 0 {
		return len(segments) == 0
	}
	if globs[0] == "**" {
		return matchSegments(globs[1:], segments) || len(segments) > 0 && matchSegments(globs, segments[1:])
	}
	if len(segments) == 0 {
		return false
	}
	ok, err := path.Match(globs[0], segments[0])
	return err == nil && ok && matchSegments(globs[1:], segments[1:])
}
