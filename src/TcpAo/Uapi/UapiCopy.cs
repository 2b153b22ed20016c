namespace TcpAo.Uapi;

/// <summary>How Linux takes a structure from a caller that may know a shorter or longer one.</summary>
internal static class UapiCopy
{
    /// <summary>
    /// Copies a structure. What the caller's lacks is zero; what it has more must be zero (linux-uapi 3).
    /// </summary>
    /// <param name="value">The caller's bytes up to <paramref name="length"/>, or fewer where the rest cannot be read.</param>
    /// <param name="length">How many the caller says there are, above 0.</param>
    /// <param name="structure">Receives it; all of it is written.</param>
    public static LinuxErrno Take(ReadOnlySpan<byte> value, int length, Span<byte> structure)
    {
        structure.Clear();
        if (value.Length > length)
        {
            value = value[..length];
        }

        if (length > structure.Length && value.Length > structure.Length && value[structure.Length..].ContainsAnyExcept((byte)0))
        {
            return LinuxErrno.ArgumentTooBig;
        }

        if (value.Length < length)
        {
            return LinuxErrno.BadAddress;
        }

        value[..Math.Min(length, structure.Length)].CopyTo(structure);
        return LinuxErrno.None;
    }
}
