
# `cargo tesser`: our words are completed as above, all others as before.
if [[ ${_comps[cargo]} != _cargo_tesser_or_cargo ]]; then
    typeset -g _cargo_tesser_cargo=${_comps[cargo]:-}
fi

function _cargo_tesser_or_cargo() {
    local first=2
    [[ ${words[2]} == +* ]] && first=3
    if (( CURRENT > first )) && [[ ${words[first]} == tesser ]]; then
        _clap_dynamic_completer_cargo_tesser
        return
    fi
    if (( CURRENT == first )); then
        local -a tesser=('tesser:Plugins for the Tesser trading runtime')
        _describe 'command' tesser
    fi
    if [[ -n $_cargo_tesser_cargo ]]; then
        $_cargo_tesser_cargo "$@"
    else
        _default
    fi
}

compdef _cargo_tesser_or_cargo cargo
