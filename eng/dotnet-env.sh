# Sourced by the scripts at the root: the .NET SDK without telemetry, banners or a need for ICU.
export DOTNET_CLI_TELEMETRY_OPTOUT=1
export TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export DOTNET_NOLOGO=1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export MSBUILDDISABLENODEREUSE=1

if ! command -v dotnet >/dev/null 2>&1; then
    echo "tcpao: the .NET SDK is not on PATH; install .NET 10 (https://dotnet.microsoft.com/download)" >&2
    exit 4
fi
