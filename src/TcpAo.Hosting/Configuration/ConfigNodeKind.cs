namespace TcpAo.Hosting.Configuration;

/// <summary>The shape of a <see cref="ConfigNode"/>.</summary>
internal enum ConfigNodeKind
{
    /// <summary>A text, number or truth value; all are kept as text.</summary>
    Scalar,

    /// <summary>A list.</summary>
    List,

    /// <summary>Keys and values.</summary>
    Map,

    /// <summary>Something that is reported already, so that nobody complains about it again.</summary>
    Refused,
}
