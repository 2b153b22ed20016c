namespace TcpAo.Fuzz.Memory;

/// <summary>Where the page that cannot be touched lies.</summary>
internal enum GuardSide
{
    /// <summary>Right behind the bytes: an over-read crashes.</summary>
    Behind,

    /// <summary>Right before the bytes: an under-read crashes.</summary>
    Before,
}
