package conformance

import "slices"

// CatalogueVersion is the newest version of the catalogue of cases.
const CatalogueVersion = "1.1"

// CatalogueVersions returns all versions, the oldest first. A version has the cases of those before it, and its own: so a run that names one
// (runner.Config.Catalogue) runs tomorrow what it runs today, whatever cases are added. What a case does may be mended.
func CatalogueVersions() []string { return []string{"1.0", CatalogueVersion} }

// In reports whether a version of the catalogue has the case.
func (c Case) In(version string) bool {
	return slices.Index(CatalogueVersions(), c.Since) <= slices.Index(CatalogueVersions(), version)
}
