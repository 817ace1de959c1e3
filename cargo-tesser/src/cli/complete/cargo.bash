
# `cargo tesser`: our words are completed as above, all others as before.
if ! complete -p cargo &> /dev/null; then
    if declare -F _comp_load &> /dev/null; then
        _comp_load cargo
    elif declare -F __load_completion &> /dev/null; then
        __load_completion cargo
    fi
fi
_cargo_tesser_before=$(complete -p cargo 2> /dev/null)
if [[ $_cargo_tesser_before == *_cargo_tesser_or_cargo* ]]; then
    # This script has been loaded before.
    unset _cargo_tesser_before
elif [[ $_cargo_tesser_before =~ \ -F\ ([^\ ]+) ]]; then
    _cargo_tesser_cargo=${BASH_REMATCH[1]}
else
    _cargo_tesser_cargo=
fi

_cargo_tesser_or_cargo() {
    local first=1
    [[ ${COMP_WORDS[1]} == +* ]] && first=2
    if ((COMP_CWORD > first)) && [[ ${COMP_WORDS[first]} == tesser ]]; then
        _clap_complete_cargo_tesser "$@"
        return
    fi
    [[ -n $_cargo_tesser_cargo ]] && "$_cargo_tesser_cargo" "$@"
    if ((COMP_CWORD == first)) && [[ -n $2 && tesser == "$2"* ]]; then
        COMPREPLY+=(tesser)
    fi
}
complete -o bashdefault -o default -F _cargo_tesser_or_cargo cargo
