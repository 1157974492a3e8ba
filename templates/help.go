package templates

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Topic is a page of the manual.
type Topic struct {
	Name  string // as in `promslo help NAME`, the name of its file
	Title string // its first line
	Page  []byte // Markdown
}

// Topics returns the pages of the manual, sorted by name.
func Topics() []Topic {
	entries, err := files.ReadDir("help")
	if err != nil {
		panic(err) // they are part of the program
	}
	var topics []Topic
	for _, entry := range entries {
		page, err := files.ReadFile(path.Join("help", entry.Name()))
		if err != nil {
			panic(err)
		}
		title, _, _ := bytes.Cut(page, []byte("\n"))
		topics = append(topics, Topic{
			Name:  strings.TrimSuffix(entry.Name(), ".md"),
			Title: strings.TrimPrefix(string(title), "# "),
			Page:  page,
		})
	}
	return topics
}

// FindTopic returns the page of a name.
func FindTopic(name string) (Topic, bool) {
	topics := Topics()
	i := slices.IndexFunc(topics, func(t Topic) bool { return t.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return topics[i], true
}
