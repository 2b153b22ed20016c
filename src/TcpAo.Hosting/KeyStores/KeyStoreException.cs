namespace TcpAo.Hosting.KeyStores;

/// <summary>A key store did not do what it was asked.</summary>
public sealed class KeyStoreException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">The same as a sentence, with what to do.</param>
    /// <param name="innerException">What brought it about.</param>
    public KeyStoreException(KeyStoreFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public KeyStoreFailure Failure { get; }
}
