namespace TcpAo.Fuzz.Oracle;

/// <summary>One TCP option.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Offset">Where it begins in the list.</param>
/// <param name="Length">All its bytes.</param>
internal readonly record struct SlowOption(int Kind, int Offset, int Length)
{
    /// <summary>Reads a list up to its end or to what is malformed.</summary>
    public static (List<SlowOption> Options, bool IsMalformed) ReadList(byte[] list)
    {
        List<SlowOption> options = [];
        int at = 0;
        while (at < list.Length)
        {
            int kind = list[at];
            if (kind == 0)
            {
                return (options, false);
            }

            int length = kind == 1 ? 1 : at + 1 == list.Length ? 0 : list[at + 1];
            if (length == 0 || (kind != 1 && length < 2) || at + length > list.Length)
            {
                return (options, true);
            }

            options.Add(new SlowOption(kind, at, length));
            at += length;
        }

        return (options, false);
    }
}
