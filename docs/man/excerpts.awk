# Fills in excerpts: a line "@FILE NAME@" becomes the function NAME of the C file
# FILE in FOLDER, with the comment before it; "@DOCUMENTS@" the folder of the
# installed documents.
#
#     awk -v FOLDER=examples -v DOCUMENTS=FOLDER -f excerpts.awk PAGE

function excerpt(file, name,    line, block, inside, found)
{
    while ((getline line < (FOLDER "/" file)) > 0) {
        block = line == "" && !inside ? "" : block line "\n"
        if (index(line, " " name "(") && line !~ /^[ #\/]/ && line !~ /;$/) {
            inside = 1
        }
        if (inside && line == "}") {
            gsub(/\\/, "&&", block) # scdoc takes one of two
            printf "%s", block
            found = 1
            break
        }
    }
    close(FOLDER "/" file)
    if (!found) {
        print "excerpts.awk: no " name " in " file > "/dev/stderr"
        exit 1
    }
}

/^@.* .*@$/ {
    gsub("@", "")
    excerpt($1, $2)
    next
}

{
    gsub("@DOCUMENTS@", DOCUMENTS)
    print
}
