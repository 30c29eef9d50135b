# SPDX-License-Identifier: MIT
# Makes a page to read out of `lemon -g`: the rules without actions, a line an alternative.
/^[a-z_]+ ::=/ {
    name = $1
    sub(/^[a-z_]+ ::= ?/, "")
    sub(/ ?\.$/, "")
    if (!(name in rules))
        order[++count] = name
    rules[name] = rules[name] (rules[name] == "" ? "" : "\n") ($0 == "" ? "(nothing)" : $0)
}
END {
    print "The migration stream under the option " option ": the rules of grammar/stream.y without their actions."
    print "Capitals are the tokens of grammar/stream.re. RECORD and END have no bytes: the schema says where they are."
    print ""
    for (i = 1; i <= count; i++) {
        n = split(rules[order[i]], alternatives, "\n")
        for (j = 1; j <= n; j++)
            printf "%-15s %s %s\n", j == 1 ? order[i] : "", j == 1 ? "=" : "|", alternatives[j]
    }
}
