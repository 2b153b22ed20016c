namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Something else came of a circumstance than must.</summary>
internal sealed class MatrixFailureException(string message) : Exception(message)
{
    public static void ThrowUnless(bool condition, string message)
    {
        if (!condition)
        {
            throw new MatrixFailureException(message);
        }
    }

    public static void ThrowUnlessEqual<T>(T expected, T actual, string what) =>
        ThrowUnless(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, got {actual}");
}
