namespace TcpAo.Fuzz;

/// <summary>
/// What a run met, in a bitmap: the fuzzer keeps an input that met something new. A poor man's coverage, without instrumentation: a target notes
/// reasons, verdicts and states.
/// </summary>
internal static class Signals
{
    private const int Bits = 1 << 16;

    [ThreadStatic]
    private static ulong[]? s_seen;

    [ThreadStatic]
    private static bool s_isNew;

    /// <summary>Forgets everything: another target begins.</summary>
    public static void Clear() => s_seen = null;

    /// <summary>Whether something new was noted since the last call.</summary>
    public static bool TakeNews()
    {
        bool isNew = s_isNew;
        s_isNew = false;
        return isNew;
    }

    public static void Note(int kind, int value, int detail = 0)
    {
        ulong[] seen = s_seen ??= new ulong[Bits / 64];
        uint hash = (uint)((((kind * 8191) + value) * 131) + detail) * 0x9E37_79B1;
        uint bit = hash >> 16;
        ulong mask = 1ul << (int)(bit % 64);
        s_isNew |= (seen[bit / 64] & mask) == 0;
        seen[bit / 64] |= mask;
    }
}
