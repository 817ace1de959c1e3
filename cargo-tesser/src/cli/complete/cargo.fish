
# `cargo tesser`: our words, and the word `tesser` itself, in addition to cargo's own completion.
function __cargo_tesser_is_here
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    set --erase words[1]
    string match --quiet -- '+*' $words[1]; and set --erase words[1]
    test "$words[1]" = tesser
end
function __cargo_tesser_is_next
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    set --erase words[1]
    string match --quiet -- '+*' $words[1]; and set --erase words[1]
    test (count $words) -eq 0
end
complete --command cargo --condition __cargo_tesser_is_next --arguments tesser --description 'Plugins for the Tesser trading runtime'
complete --command cargo --condition __cargo_tesser_is_here --keep-order --exclusive --arguments "(CARGO_TESSER_COMPLETE=fish cargo-tesser -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
