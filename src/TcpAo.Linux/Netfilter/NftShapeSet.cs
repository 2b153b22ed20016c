namespace TcpAo.Linux.Netfilter;

/// <summary>A hash set of the table.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Shape">What its keys are made of.</param>
/// <param name="Keys">Its elements; one empty key where the shape asks for nothing.</param>
internal sealed record NftShapeSet(string Name, NftShape Shape, IReadOnlyCollection<byte[]> Keys);
